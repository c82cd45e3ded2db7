//! Special functions and the distributions built on them.
//!
//! Every transcendental function comes from the `libm` crate, which is the same Rust code on every
//! target. `f64::ln` and its siblings call the platform's own library and may differ in the last
//! bit between hosts, and every host must give the same judgement byte for byte. (`sqrt` and `abs`
//! are exact by IEEE 754 and may stay native.)

use core::f64::consts::{FRAC_1_SQRT_2, PI};

/// Terms after which a continued fraction or a series is cut off. Far beyond what the arguments
/// of this crate need; it only bounds the work.
const MAX_TERMS: usize = 10_000;

/// ln of the gamma function for `x > 0`.
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// Digamma, the derivative of [`ln_gamma`], for `x > 0`. Recurrence up to 20, then the asymptotic
/// series (DLMF 5.11.2).
pub fn digamma(mut x: f64) -> f64 {
    let mut shift = 0.0;
    while x < 20.0 {
        shift -= 1.0 / x;
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    let series = r
        * (1.0 / 12.0
            - r * (1.0 / 120.0 - r * (1.0 / 252.0 - r * (1.0 / 240.0 - r * (1.0 / 132.0)))));
    shift + libm::log(x) - 0.5 / x - series
}

/// Trigamma, the derivative of [`digamma`], for `x > 0`. Recurrence up to 20, then the asymptotic
/// series (DLMF 5.15.8).
pub fn trigamma(mut x: f64) -> f64 {
    let mut shift = 0.0;
    while x < 20.0 {
        shift += 1.0 / (x * x);
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    let series = r / x
        * (1.0 / 6.0 - r * (1.0 / 30.0 - r * (1.0 / 42.0 - r * (1.0 / 30.0 - r * 5.0 / 66.0))));
    shift + 1.0 / x + 0.5 * r + series
}

/// The `x > 0` with `trigamma(x) = y`, for `y > 0`. Trigamma falls steadily, so bisection on the
/// log scale finds it (Smyth 2004, appendix, uses Newton for the same equation).
pub fn trigamma_inverse(y: f64) -> f64 {
    // 1/x < trigamma(x) < 1/x + 1/x^2 for every x > 0 brackets the root.
    let mut low = 1.0 / y;
    let mut high = 0.5 / y + (0.25 / (y * y) + 1.0 / y).sqrt();
    for _ in 0..200 {
        let middle = (low * high).sqrt();
        if middle <= low || middle >= high {
            break;
        }
        if trigamma(middle) > y {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low * high).sqrt()
}

/// Regularised incomplete beta function I_x(a, b) for `a, b > 0` and `0 <= x <= 1`: the continued
/// fraction DLMF 8.17.22 evaluated by Lentz's method, on the side where it converges fast.
pub fn beta_inc(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = libm::exp(
        ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * libm::log(x) + b * libm::log1p(-x),
    );
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, 1.0 - x) / b
    }
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let guard = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for step in 1..MAX_TERMS {
        let m = step as f64;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        let factor = d * c;
        h *= factor;
        if (factor - 1.0).abs() < 1e-16 {
            break;
        }
    }
    h
}

/// Standard normal distribution function.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// Upper tail of the standard normal distribution.
pub fn normal_sf(x: f64) -> f64 {
    normal_cdf(-x)
}

/// Quantile of the standard normal distribution for `0 < p < 1`; minus or plus infinity at 0 and 1.
/// The rational start 26.2.23 of Abramowitz and Stegun, refined by Halley's method on
/// [`normal_cdf`], which triples the correct digits each time.
pub fn normal_quantile(p: f64) -> f64 {
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    if p == 0.5 {
        return 0.0;
    }
    if p > 0.5 {
        return -normal_quantile(1.0 - p);
    }
    let t = (-2.0 * libm::log(p)).sqrt();
    let top = 2.515517 + t * (0.802853 + t * 0.010328);
    let bottom = 1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308));
    let mut x = -(t - top / bottom);
    for _ in 0..3 {
        let density = libm::exp(-0.5 * x * x) / (2.0 * PI).sqrt();
        let step = (normal_cdf(x) - p) / density;
        x -= step / (1.0 + 0.5 * x * step);
    }
    x
}

/// Upper tail P(T > t) of Student's t with `df > 0` degrees of freedom
/// (Abramowitz and Stegun 26.7.1 through the incomplete beta function).
pub fn t_sf(t: f64, df: f64) -> f64 {
    if t < 0.0 {
        return 1.0 - t_sf(-t, df);
    }
    if t.is_infinite() {
        return 0.0;
    }
    0.5 * beta_inc(0.5 * df, 0.5, df / (df + t * t))
}

/// Distribution function P(T <= t) of Student's t.
pub fn t_cdf(t: f64, df: f64) -> f64 {
    t_sf(-t, df)
}

/// The `t` with `P(T > t) = p`, for `0 < p < 1`: Newton's method on the logarithm of [`t_sf`], which
/// is nearly straight, inside a bracket that bisection falls back on.
pub fn t_upper_quantile(p: f64, df: f64) -> f64 {
    if p > 0.5 {
        return -t_upper_quantile(1.0 - p, df);
    }
    if p == 0.5 {
        return 0.0;
    }
    let mut high = 1.0;
    while t_sf(high, df) > p && high < 1e300 {
        high *= 2.0;
    }
    let mut low = if high > 1.0 { 0.5 * high } else { 0.0 };
    let ln_density = ln_gamma(0.5 * (df + 1.0)) - ln_gamma(0.5 * df) - 0.5 * libm::log(df * PI);
    let mut t = 0.5 * (low + high);
    for _ in 0..100 {
        let tail = t_sf(t, df);
        if tail > p {
            low = t;
        } else {
            high = t;
        }
        let density = libm::exp(ln_density - 0.5 * (df + 1.0) * libm::log1p(t * t / df));
        let step = libm::log(tail / p) * tail / density;
        if step.abs() <= 1e-14 * t || high - low <= 1e-15 * high {
            break;
        }
        let next = t + step;
        t = if next > low && next < high {
            next
        } else {
            0.5 * (low + high)
        };
    }
    t
}

/// Distribution function P(T <= t) of the noncentral t with `df` degrees of freedom and
/// noncentrality `delta`: algorithm AS 243 (Lenth 1989, Applied Statistics 38, 185-189), the Poisson
/// weights kept as logarithms where a large `delta` would make them underflow.
/// Accurate to 1e-12 absolute. Meant for |delta| up to
/// 100; at some 140 the series is cut off and the result falls short.
pub fn noncentral_t_cdf(t: f64, df: f64, delta: f64) -> f64 {
    if t < 0.0 {
        return 1.0 - noncentral_t_cdf(-t, df, -delta);
    }
    let sum = if t > 0.0 {
        noncentral_series(t, df, delta)
    } else {
        0.0
    };
    (sum + normal_cdf(-delta)).clamp(0.0, 1.0)
}

fn noncentral_series(t: f64, df: f64, delta: f64) -> f64 {
    if delta == 0.0 {
        return t_cdf(t, df) - 0.5;
    }
    let x = t * t / (t * t + df);
    let half = 0.5 * delta * delta;
    let b = 0.5 * df;
    let tail = libm::exp(b * libm::log(df / (t * t + df)));
    let ln_beta = ln_gamma(0.5) + ln_gamma(b) - ln_gamma(0.5 + b);
    // Integrals and their steps for half-integer (odd) and integer (even) first arguments.
    let mut odd = beta_inc(0.5, b, x);
    let mut odd_step = 2.0 * tail * libm::exp(0.5 * libm::log(x) - ln_beta);
    let mut even = 1.0 - tail;
    let mut even_step = b * x * tail;
    // exp(-half) half^j / j! and exp(-half) half^j / Gamma(j + 3/2), as logarithms only where the
    // first of them underflows: two exponentials a term are most of the cost.
    let logarithmic = half > 600.0;
    let (mut ln_p, mut ln_q) = (-half, -half - ln_gamma(1.5));
    let (mut p, mut q) = (libm::exp(ln_p), libm::exp(ln_q));
    let scale = delta * FRAC_1_SQRT_2;
    let mut sum = 0.0;
    for term in 0..MAX_TERMS {
        sum += 0.5 * (p * odd + scale * q * even);
        let j = term as f64 + 1.0;
        if j > half && p * odd < 1e-17 {
            break;
        }
        let a = j - 0.5;
        odd -= odd_step;
        even -= even_step;
        odd_step *= x * (a + b) / (a + 1.0);
        even_step *= x * (a + b + 0.5) / (a + 1.5);
        if logarithmic {
            ln_p += libm::log(half / j);
            ln_q += libm::log(half / (j + 0.5));
            (p, q) = (libm::exp(ln_p), libm::exp(ln_q));
        } else {
            p *= half / j;
            q *= half / (j + 0.5);
        }
    }
    sum
}
