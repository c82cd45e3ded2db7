//! What to type, by the cause that the component names: its texts know no option of this command line.

/// The next step in the options of this command line; none where the message of the component says it all.
pub fn of(sub_code: &str) -> Option<&'static str> {
    Some(match sub_code {
        "nothing-recognised" => "perfbridge formats lists each file that is read",
        "model-unstated" => "pass --model NAME",
        "model-ambiguous" => "choose one with --model",
        "model-unknown" => "name one of these with --model, or leave it out",
        "two-results" => {
            "name the directory of one run; give repeated runs as repeated --source or --current"
        }
        "setting-unknown" | "setting-invalid" => "it was set with --set FIELD=VALUE",
        "ceiling-unmeasured" => "leave --sol-key out, or measure the headline level",
        "vary-unknown" => "it was named with --vary, or in the policy's vary",
        "headline-unknown" | "place-invalid" => "choose one of these with --headline-level",
        "series-unmeasured" => "choose another with --metric and --level",
        "form-unknown" => "name one of these with --format",
        _ => return None,
    })
}

/// The message with the advice behind it.
pub fn beside(message: String, sub_code: Option<&str>) -> String {
    match sub_code.and_then(of) {
        Some(advice) => format!("{}; {advice}", message.trim_end_matches('.')),
        None => message,
    }
}
