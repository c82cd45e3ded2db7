//! The numerics against scipy's.

use super::super::cell::{Adverse, Cell, Method, Options, Tolerance};
use super::super::noise::{Spread, moderate, outlier};
use super::super::{assess, fdr, power, rank, samples, special, summary};
use super::{close, expected, numbers, some};

/// Checks a function of `N` arguments against rows `[args..., value]`.
fn check<const N: usize>(name: &str, relative: f64, function: impl Fn([f64; N]) -> f64) {
    let table = expected();
    let rows = table[name].as_array().unwrap();
    assert!(rows.len() >= 5, "{name} has only {} vectors", rows.len());
    for row in rows {
        let row = numbers(row);
        let args: [f64; N] = row[..N].try_into().unwrap();
        close(function(args), row[N], relative, &format!("{name}{args:?}"));
    }
}

#[test]
fn special_functions_agree_with_scipy() {
    check("digamma", 1e-13, |[x]| special::digamma(x));
    check("trigamma", 1e-13, |[x]| special::trigamma(x));
    check("ln_gamma", 1e-13, |[x]| special::ln_gamma(x));
    check("beta_inc", 1e-11, |[a, b, x]| special::beta_inc(a, b, x));
    check("trigamma", 1e-11, |[x]| {
        special::trigamma(special::trigamma_inverse(special::trigamma(x)))
    });
}

#[test]
fn distributions_agree_with_scipy() {
    check("normal_cdf", 1e-13, |[x]| special::normal_cdf(x));
    check("normal_quantile", 1e-11, |[p]| special::normal_quantile(p));
    check("t_sf", 1e-10, |[t, df]| special::t_sf(t, df));
    check("t_upper_quantile", 1e-10, |[p, df]| {
        special::t_upper_quantile(p, df)
    });
    // A power is wanted to a few digits: near 0 only the absolute error counts.
    let table = expected();
    for row in table["noncentral_t_cdf"].as_array().unwrap() {
        let row = numbers(row);
        let got = special::noncentral_t_cdf(row[0], row[1], row[2]);
        assert!((got - row[3]).abs() < 1e-11, "{row:?}: got {got}");
    }
}

#[test]
fn median_variance_agrees_with_integration() {
    let table = expected();
    for row in table["median_variance"].as_array().unwrap() {
        let row = numbers(row);
        let slack = if row[0] <= 20.0 { 1e-8 } else { 2e-3 };
        close(
            summary::median_variance(row[0] as usize),
            row[1],
            slack,
            "median_variance",
        );
    }
}

#[test]
fn summaries_agree_with_numpy() {
    for sample in expected()["samples"].as_array().unwrap() {
        let values = numbers(&sample["values"]);
        close(
            summary::mean(&values).unwrap(),
            sample["mean"].as_f64().unwrap(),
            1e-14,
            "mean",
        );
        close(
            summary::median(&values).unwrap(),
            sample["median"].as_f64().unwrap(),
            1e-14,
            "median",
        );
        match (summary::std(&values), sample["std"].as_f64()) {
            (None, None) => {}
            (got, want) => close(got.unwrap(), want.unwrap(), 1e-13, "std"),
        }
        for pair in sample["quantiles"].as_array().unwrap() {
            let pair = numbers(pair);
            close(
                summary::quantile(&values, pair[0]).unwrap(),
                pair[1],
                1e-14,
                "quantile",
            );
        }
    }
    assert_eq!(summary::median(&[]), None);
    assert_eq!(summary::quantile(&[1.0], 1.5), None);
}

/// `numpy.quantile(values, q)` of numpy 2.4.6, digit for digit: three of these differ in the last one when the
/// interpolation starts from the lower value alone.
#[test]
fn quantiles_agree_with_numpy_to_the_last_digit() {
    let mut values = [30.822, 15.294, 7.209, 6.45, 5.352, 18.272, 16.201];
    for (q, expected) in [
        (0.0, 5.352),
        (0.05, 5.6814),
        (0.1, 6.010800000000001),
        (0.25, 6.8294999999999995),
        (0.5, 15.294),
        (0.62, 15.94704),
        (0.75, 17.2365),
        (0.95, 27.05699999999999),
        (0.99, 30.068999999999992),
        (1.0, 30.822),
    ] {
        assert_eq!(summary::quantile(&values, q), Some(expected), "{q}");
        let mut sorted = values;
        sorted.sort_by(f64::total_cmp);
        assert_eq!(summary::quantile_of_sorted(&sorted, q), Some(expected));
        let found = summary::percentile(&mut values, 100.0 * q);
        assert_eq!(found, Some(expected), "p{}", 100.0 * q);
    }
    // `numpy.percentile([15, 20, 35, 40, 50], 40)`.
    let mut values = [50.0, 15.0, 40.0, 20.0, 35.0];
    assert_eq!(summary::percentile(&mut values, 40.0), Some(29.0));
    assert_eq!(summary::percentile(&mut [], 50.0), None);
}

#[test]
fn mann_whitney_agrees_with_scipy_on_ties() {
    let table = expected();
    let case = &table["mann_whitney"];
    let test = rank::mann_whitney(&numbers(&case["baseline"]), &numbers(&case["current"])).unwrap();
    assert_eq!(test.u, case["u"].as_f64().unwrap());
    close(test.p_value, case["p"].as_f64().unwrap(), 1e-12, "p");
    assert_eq!(rank::mann_whitney(&[2.0, 2.0], &[2.0]), None, "all tied");
    assert_eq!(rank::mann_whitney(&[], &[2.0]), None, "empty");
}

#[test]
fn false_discovery_adjustment_agrees_with_scipy() {
    let table = expected();
    let case = &table["benjamini_hochberg"];
    let adjusted = fdr::benjamini_hochberg(&numbers(&case["p"]));
    for (got, want) in adjusted.iter().zip(numbers(&case["adjusted"])) {
        close(*got, want, 1e-14, "adjusted p");
    }
}

#[test]
fn moderated_variances_agree_with_the_formula_in_scipy() {
    for case in expected()["moderated"].as_array().unwrap() {
        let spreads: Vec<Spread> = numbers(&case["variances"])
            .into_iter()
            .zip(numbers(&case["df"]))
            .map(|(variance, df)| Spread { variance, df })
            .collect();
        let want = case["expected"].as_array().unwrap();
        for (got, want) in moderate(&spreads).iter().zip(want) {
            let want = numbers(want);
            close(got.variance, want[0], 1e-10, "variance");
            close(got.df, want[1], 1e-10, "df");
        }
    }
}

#[test]
fn grubbs_agrees_with_its_critical_value() {
    let table = expected();
    let mut found = 0;
    for case in table["grubbs"].as_array().unwrap() {
        let want = case["outlier"].as_u64().map(|i| i as usize);
        assert_eq!(outlier(&numbers(&case["values"])), want, "{case}");
        found += usize::from(want.is_some());
    }
    assert_eq!(found, 2, "the vectors hold cases of both kinds");
    assert_eq!(
        outlier(&[1.0, 1.0, 1.0, 90.0]),
        None,
        "four values are too few"
    );
    assert_eq!(outlier(&[7.0; 6]), None, "no spread, no outlier");
}

#[test]
fn a_whole_comparison_agrees_with_scipy() {
    let table = expected();
    let rows = table["comparison"].as_array().unwrap();
    let cells: Vec<Cell> = rows
        .iter()
        .map(|row| Cell {
            metric: "throughput_toks_per_s",
            level: row["level"].as_str().unwrap(),
            adverse: Adverse::Down,
            tolerance: Tolerance::Percent(3.0),
            baseline: some(&numbers(&row["baseline"])),
            current: some(&numbers(&row["current"])),
            history: Vec::new(),
            headline: row["level"] == "16",
        })
        .collect();
    for (got, row) in assess(&cells, &[], &Options::default()).iter().zip(rows) {
        let want = |key: &str| row[key].as_f64().unwrap();
        let noise = got.noise.as_ref().unwrap();
        assert_eq!((noise.method, noise.n), (Method::Trials, 6));
        close(got.delta.unwrap(), want("delta"), 1e-11, "delta");
        close(noise.std, want("std"), 1e-9, "std");
        close(noise.degrees_of_freedom, want("df"), 1e-9, "df");
        close(noise.relative_floor, want("floor"), 1e-8, "floor");
        close(got.p_value.unwrap(), want("p"), 1e-8, "p");
        let (low, high) = got.interval.unwrap();
        close(low, want("low"), 1e-8, "low");
        close(high, want("high"), 1e-8, "high");
    }
}

#[test]
fn power_agrees_with_scipy() {
    let table = expected();
    for row in table["power"].as_array().unwrap() {
        let row = numbers(row);
        close(
            power::power(row[0], row[1], row[2], row[3]),
            row[4],
            1e-8,
            "power",
        );
    }
    for row in table["detectable"].as_array().unwrap() {
        let row = numbers(row);
        close(
            power::detectable(row[0], row[1], row[2], 0.8),
            row[3],
            1e-7,
            "detectable",
        );
    }
}

#[test]
fn percentiles_need_the_requests_that_wilks_says() {
    for row in expected()["needed"].as_array().unwrap() {
        let row = numbers(row);
        assert_eq!(
            samples::needed(row[0]),
            Some(row[1] as u64),
            "q = {}",
            row[0]
        );
    }
    let low = samples::low_samples(0.99, 64).unwrap();
    assert_eq!((low.have, low.need), (64, 299));
    assert_eq!(samples::low_samples(0.95, 64), None);
    assert_eq!(samples::needed(1.0), None);
}
