//! What the binary carries.

use crate::packed;

/// The component and the page as the binary carries them.
#[derive(Clone, Copy)]
pub struct Artefacts {
    /// The component and the page of the viewer, as [`packed::pack`] makes it.
    pub packed: &'static [u8],
    /// The ahead-of-time compiled form of the component.
    pub compiled: &'static [u8],
}

impl Artefacts {
    /// The component. Only needed where its compiled form does not fit this machine.
    #[must_use]
    pub fn component(&self) -> Vec<u8> {
        packed::component(self.packed).unwrap_or_default()
    }

    /// The SHA-256 of the component.
    #[must_use]
    pub fn component_sha256(&self) -> &'static str {
        packed::component_sha256(self.packed).unwrap_or_default()
    }

    /// The page of the viewer; empty in a build without it.
    #[must_use]
    pub fn viewer(&self) -> String {
        packed::page(self.packed).unwrap_or_default()
    }
}
