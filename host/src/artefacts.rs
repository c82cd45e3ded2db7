//! What the binary carries.

use crate::packed;
use crate::sandbox::{Carried, Failure, Limits, Sandbox};

/// The component and the page as the binary carries them.
#[derive(Clone, Copy)]
pub struct Artefacts {
    /// The component and the page of the viewer, as [`packed::pack`] makes it.
    pub packed: &'static [u8],
    /// The ahead-of-time compiled form of the component.
    pub compiled: &'static Carried<[u8]>,
}

impl Artefacts {
    /// The component, ready to run.
    ///
    /// # Errors
    /// A system that gives no memory for it, or whose processor it was not compiled for.
    pub fn sandbox(&self, limits: Limits) -> Result<Sandbox, Failure> {
        Sandbox::carried(&|| self.component(), self.compiled, limits)
    }

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
