//! Is a difference between runs real?
//!
//! [`assess`](assess::assess) is the judge's entry: it takes the trials of both arms (and earlier
//! baselines) for every metric and level and says what is known of the noise, how sure the change is
//! and what would settle it. [`gate`](gate::gate) turns rows into the part of the verdict that rests
//! on them. [`calibrate`](calibrate::calibrate) plans tolerances from repeated runs. The rest is
//! supporting evidence from inside one run ([`bootstrap`], [`rank`], [`drift`], [`samples`]), which
//! never stands in for the noise between runs, and [`changepoint`] for a long history.
//!
//! How often the whole procedure errs, measured on real and simulated runs: `docs/noise.md`.

pub mod assess;
pub mod bootstrap;
pub mod calibrate;
pub mod cell;
pub mod changepoint;
pub mod drift;
pub mod fdr;
pub mod gate;
pub mod noise;
pub mod power;
pub mod rank;
pub mod resolve;
pub mod rng;
pub mod samples;
pub mod special;
pub mod summary;

#[cfg(test)]
mod tests;

pub use assess::assess;
pub use cell::{Adverse, Cell, Evidence, LeftOut, Method, Noise, Options, Resolution, Tolerance};
