//! The forms in which a judgement is printed and written, all of one call of the component.

use super::args::FormArgs;
use super::output::Output;
use crate::error::{Error, Result};
use crate::sandbox::judge::Form;
use perfbridge_registry::write_aside;
use std::path::Path;

impl FormArgs {
    /// What to ask of the component: the form that is printed, then those that are written, in their order.
    pub fn asked(&self, output: &Output) -> Vec<Form> {
        let printed = Form {
            width: output.width(),
            colour: output.colour(),
            ..Form::named(self.printed())
        };
        let written = self.written();
        let written = written.map(|(name, _)| Form::named(name));
        [printed].into_iter().chain(written).collect()
    }

    /// Writes `texts`, which are those of [`FormArgs::asked`] and may be followed by others: each file whole or not at
    /// all, stdout last. `finish` adds to a form of this name what the component does not know.
    ///
    /// # Errors
    /// What the system refuses; a component that gave too few texts.
    pub fn write(
        &self,
        texts: &[String],
        finish: &dyn Fn(&str, &str) -> Result<String>,
        output: &Output,
    ) -> Result<()> {
        let [printed, written @ ..] = texts else {
            return Err(too_few());
        };
        if written.len() < self.written().count() {
            return Err(too_few());
        }
        for ((name, file), text) in self.written().zip(written) {
            put(file, &finish(name, text)?)?;
            // Before the text, whose last line is the verdict.
            output.say(&format!("written: {}", file.display()));
        }
        output.data(&finish(self.printed(), printed)?)
    }
}

fn too_few() -> Error {
    Error::internal("the component wrote other forms than were asked for")
}

/// Writes a file aside, flushes and renames it; its folder is made if it is not there.
///
/// # Errors
/// What the system refuses; a file that was there is then untouched.
pub fn put(file: &Path, text: &str) -> Result<()> {
    if let Some(folder) = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).map_err(|error| Error::io("make", folder, &error))?;
    }
    write_aside(file, text.as_bytes()).map_err(|error| Error::io("write", file, &error))
}
