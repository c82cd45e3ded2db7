//! GPU kernels and CPU samples of a paired profile: zymtrace or Nsight Systems.
//!
//! The sources fill [`Profiles`]; [`resolve`] makes the shares of the document.

mod classes;

use crate::finding::{Finding, FindingCode};
use crate::order::Ordered as _;
use crate::run::profile::{CpuTable, GpuTable, Profiles, Weight};

pub use classes::{class_of, free_form_key};

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

/// Makes the shares.
pub fn resolve(observed: &Profiles) -> Resolved {
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
    files.order();
    files
}
