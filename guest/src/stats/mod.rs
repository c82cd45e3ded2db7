//! Is a difference between runs real?
//!
//! [`assess`](assess::assess) is the judge's entry: it takes the trials of both arms (and earlier
//! baselines) for every metric and level and says what is known of the noise, how sure the change is
//! and what would settle it. [`calibrate`](calibrate::calibrate) plans trials and tolerances from repeated runs. The rest is
//! supporting evidence from inside one run ([`bootstrap`], [`rank`], [`drift`], [`samples`]), which
//! never stands in for the noise between runs, and [`changepoint`] for a long history.
//!
//! How often the whole procedure errs, measured on real and simulated runs: `docs/noise.md`.

pub mod advice;
pub mod assess;
pub mod bootstrap;
pub mod calibrate;
pub mod cell;
pub mod changepoint;
pub mod clock;
pub mod cover;
pub mod creep;
pub mod doubt;
pub mod drift;
pub mod exact;
pub mod fdr;
pub mod fisher;
pub mod history;
pub mod model;
pub mod noise;
pub mod pairs;
pub mod power;
pub mod predict;
pub mod rank;
pub mod resolve;
pub mod rng;
pub mod samples;
pub mod scale;
pub mod special;
pub mod summary;

#[cfg(test)]
mod tests;

pub use assess::assess;
pub use cell::Doubt;
pub use cell::{
    Adverse, Advice, Cell, Evidence, LeftOut, Method, Noise, Options, Resolution, Tolerance,
};
