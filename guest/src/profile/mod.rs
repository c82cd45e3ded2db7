//! GPU kernels and CPU samples of a paired profile.

/// Everything that a profile bundle holds.
#[derive(Clone, Debug, Default)]
pub struct Observed {}
