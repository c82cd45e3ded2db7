//! Bundles as other tools and machines leave them: the numbers must be those of the original.

mod layouts;
mod made;
#[path = "../support/mod.rs"]
mod support;
mod texts;
mod versions;
