//! Which class a kernel belongs to.

use crate::order::Ordered as _;
use std::collections::BTreeMap;

/// How a kernel's name is matched.
enum Match {
    Starts(&'static str),
    Contains(&'static str),
    /// The first text, directly followed by one of the others.
    Followed(&'static str, &'static [&'static str]),
}

impl Match {
    fn hits(&self, kernel: &str) -> bool {
        match self {
            Match::Starts(text) => kernel.starts_with(text),
            Match::Contains(text) => kernel.contains(text),
            Match::Followed(text, next) => kernel.match_indices(text).any(|(at, _)| {
                next.iter()
                    .any(|next| kernel[at + text.len()..].starts_with(next))
            }),
        }
    }
}

/// One row a pattern; the first that matches wins.
#[rustfmt::skip]
const CLASSES: &[(&str, Match)] = &[
    ("fp8_bmm",               Match::Starts("bmm_E4m3_E4m3E4m3")),
    ("fp8_bmm",               Match::Starts("bmm_Bfloat16_E4m3E4m3")),
    ("fp8_bmm",               Match::Contains("sm100_fp8_gemm")),
    ("fp8_bmm",               Match::Contains("deep_gemm::sm100_fp8")),
    ("tp_all_reduce",         Match::Contains("multimem_all_reduce_kernel")),
    ("tp_all_reduce",         Match::Contains("trtllm_allreduce")),
    ("tp_all_reduce",         Match::Contains("oneshot_lamport")),
    ("cuda_event_sync",       Match::Contains("cudaEventSynchronize")),
    ("cuda_event_sync",       Match::Contains("cuda-sync")),
    ("mla_attention",         Match::Contains("fmhaSm100fKernel")),
    ("mla_attention",         Match::Contains("cute_flash_fwd_sm100")),
    ("mla_attention",         Match::Contains("mla_attention")),
    ("moe_routing_finalize",  Match::Followed("moe::dev::", &["routing", "finalize", "activation"])),
    ("per_token_group_quant", Match::Contains("per_token_group_quant_8bit")),
];

/// How many free-form classes stand under their own key.
const FREE_FORM: usize = 20;

/// Where the rest stands.
const OTHER: &str = "other";

/// The named class of a kernel.
pub fn class_of(kernel: &str) -> Option<&'static str> {
    let mut rows = CLASSES.iter();
    rows.find(|(_, pattern)| pattern.hits(kernel))
        .map(|(class, _)| *class)
}

/// The key of a kernel without a named class: its name up to the first `<` or `(`, lower-case, everything
/// but letters and digits made `_`. Demanglers write an anonymous namespace in brackets, which is no
/// argument list and is left out.
pub fn free_form_key(kernel: &str) -> String {
    let named = kernel
        .replace("<unnamed>::", "")
        .replace("(anonymous namespace)::", "");
    let end = named.find(['<', '(']).unwrap_or(named.len());
    let mut key = String::new();
    for c in named[..end].trim().chars() {
        let c = c.to_ascii_lowercase();
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            key.push(c);
        } else if !key.ends_with('_') {
            key.push('_');
        }
    }
    if key.is_empty() {
        "unnamed".to_owned()
    } else {
        key
    }
}

/// Shares in percent by class, largest first, `other` last.
pub(super) fn shares(kernels: &[&(String, f64)], total: f64) -> Vec<(String, f64)> {
    let mut named: BTreeMap<String, f64> = BTreeMap::new();
    let mut free: BTreeMap<String, f64> = BTreeMap::new();
    for (kernel, weight) in kernels {
        let (place, key) = match class_of(kernel) {
            Some(class) => (&mut named, class.to_owned()),
            None => (&mut free, free_form_key(kernel)),
        };
        *place.entry(key).or_default() += weight;
    }
    let mut free: Vec<(String, f64)> = free.into_iter().collect();
    sort(&mut free);
    let rest: Vec<(String, f64)> = free.split_off(free.len().min(FREE_FORM));
    let mut all: Vec<(String, f64)> = named.into_iter().chain(free).collect();
    let own = all.iter().position(|(key, _)| key == OTHER);
    let own = own.map(|at| all.remove(at).1);
    sort(&mut all);
    if own.is_some() || !rest.is_empty() {
        let rest: f64 = rest.iter().map(|(_, weight)| weight).sum();
        all.push((OTHER.to_owned(), rest + own.unwrap_or(0.0)));
    }
    for (_, weight) in &mut all {
        *weight = 100.0 * *weight / total;
    }
    all
}

/// Largest first; equal ones by name, so that every host gives the same order.
fn sort(classes: &mut [(String, f64)]) {
    classes.order_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
}
