//! Many rows tested at once.

/// Adjusted p-values of Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B
/// 57, 289-300: rejecting those at or below q keeps the expected share of false ones below q, also
/// when the tests are positively dependent (Benjamini and Yekutieli 2001, Annals of Statistics 29,
/// 1165-1188), as metrics of one run are. Without any real change every rejection is false, so then
/// the chance of even one is at most q. In the order of `p`.
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let m = p.len() as f64;
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]).then(a.cmp(&b)));
    let mut adjusted = vec![1.0; p.len()];
    let mut running = 1.0f64;
    for (rank, &index) in order.iter().enumerate().rev() {
        running = running.min(p[index] * m / (rank as f64 + 1.0));
        adjusted[index] = running;
    }
    adjusted
}

/// The p-value that the row of 1-based `rank` among `m` has to reach at level `q`.
pub fn threshold(q: f64, rank: usize, m: usize) -> f64 {
    q * rank.max(1) as f64 / m.max(1) as f64
}
