//! GPU kernels and CPU samples of a paired profile: zymtrace or Nsight Systems.
//!
//! The sources fill [`Observed`]; [`resolve`] makes the shares of the document.

mod classes;

use crate::fault::{Code, Fault, Result};
use crate::files::{Tree, read_head};
use crate::finding::{Finding, FindingCode};
use crate::run::Run;
use crate::sources::{Candidate, HEAD, Source, nsys, zymtrace};

pub use classes::{class_of, free_form_key};

/// Everything that a profile bundle holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
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

/// The two optional fields of the document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resolved {
    /// Kernel class and its share of GPU time in percent 0..100, largest first, `other` last.
    pub kernel_class_gpu_pct: Option<Vec<(String, f64)>>,
    /// Share of vLLM's spin-poll path of all on-CPU samples, in percent 0..100.
    pub cpu_spinpoll_pct: Option<f64>,
    /// The files behind the kernel classes, sorted.
    pub gpu_files: Vec<String>,
    /// The files behind the spin-poll share, sorted.
    pub cpu_files: Vec<String>,
    /// Why there are no kernel classes.
    pub gpu_reason: Option<String>,
    /// Why there is no spin-poll share.
    pub cpu_reason: Option<String>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// Reads every profile below a directory of its own (`--profile DIR`).
///
/// Faults: a damaged profile, and a directory without any ([`Code::NotUnderstood`]).
pub fn read_profile(tree: &dyn Tree) -> Result<Observed> {
    const SOURCES: [Source; 2] = [zymtrace::SOURCE, nsys::SOURCE];
    let entries = tree.list()?;
    let mut run = Run::default();
    let mut read = 0;
    for entry in &entries {
        let head = read_head(&mut *tree.open(&entry.path)?, HEAD)?;
        let head = String::from_utf8_lossy(&head);
        let candidate = Candidate {
            path: &entry.path,
            head: &head,
        };
        let is = |source: &&Source| {
            (source.by_content)(&candidate) || (source.by_name)(candidate.name())
        };
        if let Some(source) = SOURCES.iter().find(is) {
            (source.read)(&mut run, tree, entry)?;
            read += 1;
        }
    }
    if read > 0 {
        return Ok(run.profile);
    }
    let mut found: Vec<&str> = entries
        .iter()
        .map(|entry| entry.path.as_str())
        .take(8)
        .collect();
    let rest = format!("and {} more", entries.len().saturating_sub(8));
    if entries.len() > 8 {
        found.push(&rest);
    }
    let found = if found.is_empty() {
        "an empty directory".to_owned()
    } else {
        found.join(", ")
    };
    Err(Fault::new(
        Code::NotUnderstood,
        format!(
            "found no profile: {found}. Expected zymtrace's `response.json` or the `cuda_gpu_kern_sum` report of `nsys stats`"
        ),
    ))
}

/// Makes the shares.
pub fn resolve(observed: &Observed) -> Resolved {
    let mut resolved = Resolved {
        findings: observed.findings.clone(),
        ..Resolved::default()
    };
    gpu(&observed.gpu, &mut resolved);
    cpu(&observed.cpu, &mut resolved);
    resolved
}

fn gpu(tables: &[GpuTable], resolved: &mut Resolved) {
    let weights = tables.iter().map(|table| table.weight);
    let chosen = match choose(weights, "GPU") {
        Ok(chosen) => chosen,
        Err(reason) => {
            resolved.gpu_reason = Some(reason);
            return;
        }
    };
    let left_out = tables.iter().filter(|table| table.weight != chosen);
    note(left_out.map(|table| table.file.as_str()), resolved);
    let tables = tables.iter().filter(|table| table.weight == chosen);
    let kernels: Vec<&(String, f64)> = tables.clone().flat_map(|table| &table.kernels).collect();
    let total = match chosen {
        Weight::Percent => 100.0,
        _ => kernels.iter().map(|(_, weight)| weight).sum(),
    };
    if total <= 0.0 {
        resolved.gpu_reason = Some("the profile holds no GPU time".to_owned());
        return;
    }
    resolved.gpu_files = files(tables.map(|table| &table.file));
    resolved.kernel_class_gpu_pct = Some(classes::shares(&kernels, total));
}

fn cpu(tables: &[CpuTable], resolved: &mut Resolved) {
    let chosen = match choose(tables.iter().map(|table| table.weight), "CPU") {
        Ok(chosen) => chosen,
        Err(reason) => {
            resolved.cpu_reason = Some(reason);
            return;
        }
    };
    let left_out = tables.iter().filter(|table| table.weight != chosen);
    note(left_out.map(|table| table.file.as_str()), resolved);
    let tables = tables.iter().filter(|table| table.weight == chosen);
    let spin: f64 = tables.clone().map(|table| table.spin).sum();
    let total: f64 = tables.clone().map(|table| table.total).sum();
    if total <= 0.0 {
        resolved.cpu_reason = Some("the profile holds no CPU samples".to_owned());
        return;
    }
    resolved.cpu_files = files(tables.map(|table| &table.file));
    resolved.cpu_spinpoll_pct = Some(100.0 * spin / total);
}

/// Which weights are used: measured times before samples before percentages. Tables of one kind are
/// added up; percentages of different wholes cannot be.
fn choose(
    weights: impl Iterator<Item = Weight> + Clone,
    side: &str,
) -> std::result::Result<Weight, String> {
    let order = [Weight::Nanoseconds, Weight::Samples, Weight::Percent];
    let chosen = order
        .into_iter()
        .find(|weight| weights.clone().any(|one| one == *weight))
        .ok_or_else(|| format!("no {side} profile was given"))?;
    let count = weights.filter(|one| *one == chosen).count();
    if chosen == Weight::Percent && count > 1 {
        return Err(format!(
            "{count} {side} profiles hold percentages only, and percentages of different wholes cannot be added; keep one of them"
        ));
    }
    Ok(chosen)
}

fn note<'a>(left_out: impl Iterator<Item = &'a str>, resolved: &mut Resolved) {
    for file in left_out {
        resolved.findings.push(Finding::new(
            FindingCode::ProfileNotUsed,
            file.to_owned(),
            "another profile of the same run measures more exactly and was used: times before samples before percentages",
        ));
    }
}

fn files<'a>(files: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut files: Vec<String> = files.cloned().collect();
    crate::order::sort_by(&mut files, Ord::cmp);
    files
}
