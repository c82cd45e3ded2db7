//! The command line that made a run, as far as it can be kept: to measure again what was measured.

use crate::secret;

/// Options that say where AIPerf wrote: whoever runs it again writes elsewhere.
const PLACES: [&str; 3] = [
    "--artifact-dir",
    "--output-artifact-dir",
    "--artifact-directory",
];

/// The command without the place that it wrote to and without secrets. A quoted word that holds blanks is a text (a prompt, a
/// header) and no setting: it goes too.
pub(super) fn kept(command: &str) -> String {
    let mut kept: Vec<String> = Vec::new();
    let mut passes = false;
    for word in words(command) {
        let name = word.split('=').next().unwrap_or_default();
        let is_place = PLACES.contains(&name);
        if is_place || passes {
            passes = is_place && name.len() == word.len();
        } else if word.contains(char::is_whitespace) {
            let option = word.find(['\'', '"']).unwrap_or_default();
            kept.push([&word[..option], "'", secret::MARK, "'"].concat());
        } else {
            kept.push(word);
        }
    }
    secret::redact(&kept.join(" "))
}

/// The words as they are written, quotes included.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in command.chars() {
        match quote {
            None if c.is_whitespace() => {
                words.push(String::new());
                continue;
            }
            None if c == '\'' || c == '"' => quote = Some(c),
            Some(open) if open == c => quote = None,
            _ => {}
        }
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::kept;

    #[test]
    fn what_is_no_setting_is_not_kept() {
        for (command, expected) in [
            (
                "aiperf profile --model 'm' --concurrency 16  --artifact-dir 'a/c16' --ui 'simple'",
                "aiperf profile --model 'm' --concurrency 16 --ui 'simple'",
            ),
            ("aiperf --artifact-dir=/home/x --isl 8", "aiperf --isl 8"),
            (
                "aiperf --header 'Authorization: Bearer abc' --api-key sk-aaaaaaaaaaaaaaaa --isl 8",
                "aiperf --header '***' --api-key *** --isl 8",
            ),
            (
                "aiperf --extra-inputs=\"a prompt\" --url http://u:p@host:1",
                "aiperf --extra-inputs='***' --url http://***@host:1",
            ),
            ("aiperf --output-artifact-dir", "aiperf"),
            ("", ""),
        ] {
            assert_eq!(kept(command), expected, "{command}");
        }
    }
}
