//! Two finished documents of which nothing is written, judged in one call of the component.

use super::args::{DiffArgs, is_stdin};
use super::inputs::{Reading, document_text};
use super::output::Output;
use super::{policy, report_at};
use crate::policy_file::PolicyFile;
use crate::sandbox::judge::Judgement;
use crate::sandbox::{Case, Sandbox};
use std::path::Path;

/// The judgement, if that is all there is to do; none where anything has to be read, merged, looked up or written, and
/// where the component refuses: then everything is checked one by one, and what is wrong is said with its name.
///
/// A call of the component is an instance of it, and checking what is judged next anyway would be three more.
pub fn judge(
    sandbox: &Sandbox,
    args: &DiffArgs,
    file: Option<&PolicyFile>,
    output: &Output,
) -> Option<Judgement> {
    let case = &args.case;
    let reading = Reading::of(case.model.as_deref(), &case.additions);
    // A signature is for what is written, too.
    let writes = args.out.is_some() || args.html.is_some() || args.sign_key.is_some();
    let ([baseline], [current]) = (&case.baseline[..], &case.current[..]) else {
        return None;
    };
    if writes || reading.model.is_some() || reading.refuse_additions(current).is_err() {
        return None;
    }
    let mut policy = policy::typed(case, file);
    let file = file.map(|file| &*file.path);
    policy
        .choices
        .extend(report_at::choice(&args.forms, file, None));
    let case = Case {
        baseline: &document(baseline)?,
        current: &document(current)?,
        history: &[],
        policy: &policy,
    };
    sandbox.judge(&case, &args.forms.asked(output)).ok()
}

/// What the text of every document holds. The component decides; without this it would read results of tools in vain.
const SCHEMA: &str = "\"inference_perfbench_v1\"";

/// What may be a document. Standard input can be read once only.
fn document(path: &Path) -> Option<String> {
    let is_file = !is_stdin(path) && path.is_file();
    let text = is_file.then(|| document_text(path).ok()).flatten()?;
    text.contains(SCHEMA).then_some(text)
}
