//! The file at which `sarif` and `gitlab` say that their results are. Both platforms link to the repository and drop what
//! has no file; code scanning takes a result whose file has another name for another one. So it is one of the repository
//! that stays where it is when a baseline is replaced.

use super::args::FormArgs;
use crate::git_ref::below;
use crate::registry::cwd;
use crate::sandbox::Setting;
use std::path::{Path, PathBuf};

/// The forms whose results stand at a file.
const FORMS: [&str; 2] = ["sarif", "gitlab"];
/// What lists the baselines of a measurement.
const INDEX: &str = "INDEX.md";

/// The policy file, else the index of the baselines, else the file into which the judgement is written; where none of them is
/// in the repository (without one: below the working directory), the component names `verdict.json`. `entry` is the
/// directory of the baseline, as it is in the working tree.
pub fn choice(forms: &FormArgs, policy: Option<&Path>, entry: Option<&Path>) -> Option<Setting> {
    let is_asked =
        |name: &str| forms.printed() == name || forms.written().any(|(one, _)| one == name);
    if !FORMS.into_iter().any(is_asked) {
        return None;
    }
    let cwd = cwd().ok()?;
    let top = cwd.ancestors().find(|dir| dir.join(".git").exists());
    let top = top.unwrap_or(&cwd);
    let inside = |path: PathBuf| below(top, &cwd.join(path)).ok().flatten();
    let there = |path: PathBuf| path.is_file().then_some(path).and_then(inside);
    let index = entry.and_then(Path::parent).map(|dir| dir.join(INDEX));
    let mut written = forms.written();
    let json =
        written.find_map(|(name, file)| (name == super::args::JSON).then(|| file.to_owned()));
    let found = policy.map(Path::to_owned).and_then(there);
    let found = found.or_else(|| index.and_then(there));
    Some(Setting {
        path: "report_at".to_owned(),
        value: found.or_else(|| json.and_then(inside))?,
    })
}
