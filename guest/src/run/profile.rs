//! What the sources found of a profile: GPU kernels and CPU samples.

use crate::finding::Finding;

/// Everything that a profile bundle holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profiles {
    /// GPU kernels, one table a file.
    pub gpu: Vec<GpuTable>,
    /// CPU samples, one table a file.
    pub cpu: Vec<CpuTable>,
    /// What was noticed while reading.
    pub findings: Vec<Finding>,
}

/// What the weights of a table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// GPU time in nanoseconds.
    Nanoseconds,
    /// Number of samples.
    Samples,
    /// Share of the whole in percent, as the query computed it; the rows need not be all there are.
    Percent,
}

/// Kernels and how much GPU time each took.
#[derive(Clone, Debug, PartialEq)]
pub struct GpuTable {
    /// The file, relative to the directory.
    pub file: String,
    /// What the weights are.
    pub weight: Weight,
    /// Kernel name and weight; a kernel may stand in several rows.
    pub kernels: Vec<(String, f64)>,
}

/// On-CPU samples.
#[derive(Clone, Debug, PartialEq)]
pub struct CpuTable {
    /// The file, relative to the directory.
    pub file: String,
    /// What the weights are.
    pub weight: Weight,
    /// Weight of vLLM's spin-poll path.
    pub spin: f64,
    /// Weight of everything; 100 where the weights are percent.
    pub total: f64,
}
