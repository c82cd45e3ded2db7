//! What the binary carries.

/// The component as the binary carries it.
#[derive(Clone, Copy)]
pub struct Artefacts {
    /// The component.
    pub component: &'static [u8],
    /// Its ahead-of-time compiled form.
    pub compiled: &'static [u8],
    /// The page of the viewer; empty in a build without it.
    pub viewer: &'static str,
}
