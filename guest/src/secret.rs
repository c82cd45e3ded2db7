//! Keys, passwords and tokens in text from files. Tools keep whole command lines, headers and addresses beside what they
//! measured; whatever of that reaches a document or a message goes through here.

use serde_json::Value;

/// What stands in place of a secret.
pub const MARK: &str = "***";

/// Parts of the name of a secret, without `-` and `_`.
const NAMES: [&str; 12] = [
    "apikey",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "authorization",
    "credential",
    "privatekey",
    "accesskey",
    "cookie",
    "signature",
    "bearer",
];

/// What a token is called beside `token` alone, which is also a piece of text.
const TOKENS: [&str; 13] = [
    "auth", "access", "api", "bearer", "refresh", "id", "session", "security", "hf", "hub",
    "github", "gitlab", "job",
];

/// How tokens of well-known services begin.
const BEGINNINGS: [&str; 17] = [
    "sk-",
    "sk_live_",
    "hf_",
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "nvapi-",
    "gsk_",
    "xoxb-",
    "xoxp-",
    "AKIA",
    "ASIA",
    "AIza",
    "eyJ",
];

/// What ends a value without quotes.
const ENDS: &str = ",;&\"'`)]}|<>\\";

/// Letters behind such a beginning from which on it is a token.
const TOKEN: usize = 12;

/// The text without secrets: values of options, headers and variables whose name says that they are one, what stands
/// before the `@` of an address, words that look like the token of a service.
pub fn redact(text: &str) -> String {
    // Most texts of a document are one word without anything that could part a name from its value.
    if text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
    {
        return if is_token(text) { MARK } else { text }.to_owned();
    }
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word_end = rest.find(|c: char| !is_of_word(c)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(word_end);
        let taken = if word.is_empty() {
            match user_of(rest) {
                Some(user) => {
                    safe += "://";
                    safe += MARK;
                    user
                }
                None => {
                    safe.push(first);
                    first.len_utf8()
                }
            }
        } else if is_token(word) {
            safe += MARK;
            word_end
        } else {
            safe += word;
            match value_of(word, behind) {
                Some((before, value)) => {
                    safe += before;
                    safe += MARK;
                    word_end + before.len() + value
                }
                None => word_end,
            }
        };
        rest = &rest[taken..];
    }
    safe
}

/// Redacts every text of a value; the value of a key that is the name of a secret goes whole.
pub fn redact_all(value: &mut Value) {
    match value {
        Value::String(text) => *text = redact(text),
        Value::Array(items) => items.iter_mut().for_each(redact_all),
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                match value {
                    Value::String(text) if is_secret(key, true) => *text = MARK.to_owned(),
                    value => redact_all(value),
                }
            }
        }
        _ => {}
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// The length of `://USER@` at the begin of a text, without its `@`.
fn user_of(text: &str) -> Option<usize> {
    let address = text.strip_prefix("://")?;
    let end = address.find(|c: char| c.is_whitespace() || "/?#\"'`<>\\".contains(c));
    let at = address[..end.unwrap_or(address.len())].rfind('@')?;
    Some("://".len() + at)
}

fn is_token(word: &str) -> bool {
    if word.len() <= TOKEN {
        return false;
    }
    let digit = |byte: u8| byte.is_ascii_digit();
    let rests = BEGINNINGS
        .iter()
        .filter_map(|begin| word.strip_prefix(begin));
    let mut rests = rests.filter(|rest| rest.len() >= TOKEN);
    rests.any(|rest| rest.bytes().any(digit))
}

/// Whether a word is the name of a secret; `token` alone is one where it is clearly a name.
fn is_secret(word: &str, is_name: bool) -> bool {
    let name = word.rsplit('.').next().unwrap_or(word);
    let plain: String = name.chars().filter(|c| !matches!(c, '-' | '_')).collect();
    let plain = match plain.is_ascii() {
        true => plain.to_ascii_lowercase(),
        false => plain.to_lowercase(),
    };
    let bytes = plain.as_bytes();
    // Most letters begin no such part: nothing is prepared for a search that ends there.
    let begins = |at: usize| {
        let begin = |part: &&str| {
            part.as_bytes()[0] == bytes[at] && bytes[at..].starts_with(part.as_bytes())
        };
        NAMES.iter().any(begin)
    };
    if (0..bytes.len()).any(begins) {
        return true;
    }
    let Some(whose) = plain.strip_suffix("token") else {
        return plain == "sig" && is_name;
    };
    // A variable of the environment: `CI_JOB_TOKEN`.
    let is_variable = name.contains('_') && !name.contains(|c: char| c.is_lowercase());
    TOKENS.contains(&whose)
        || is_variable
        || whose.is_empty() && (is_name || word.starts_with("--"))
}

/// What stands between a name and its value, and how long the value is.
fn value_of<'a>(word: &str, behind: &'a str) -> Option<(&'a str, usize)> {
    let unquoted = behind.trim_start_matches(['"', '\'', '\\', '`']);
    let is_quoted = unquoted.len() < behind.len();
    let is_flag = word.starts_with('-');
    let value = unquoted.trim_start();
    let is_scheme = ["bearer", "basic"].map(|scheme| word.eq_ignore_ascii_case(scheme));
    let is_scheme = is_scheme.contains(&true);
    let parted = match value.chars().next()? {
        '=' | ':' => &value[1..],
        ',' if is_quoted => &value[1..],
        _ if (is_flag || is_scheme) && value.len() < unquoted.len() => value,
        _ => return None,
    };
    let is_name = is_quoted || is_flag || value.starts_with('=');
    let value = parted.trim_start();
    let quote = value.trim_start_matches('\\');
    let quoted = quote
        .chars()
        .next()
        .filter(|c| ['"', '\'', '`'].contains(c));
    let inside = quoted.map_or(value, |_| &quote[1..]);
    // Inside of a text in quotes another quote is escaped, and so is the one that ends a value there.
    let is_escaped = quoted.is_some() && quote.len() < value.len();
    let mut before = ' ';
    let ends = |c: char| {
        let was = std::mem::replace(&mut before, c);
        match quoted {
            Some(_) if is_escaped => c == '\\',
            Some(mark) => c == mark && was != '\\',
            None => c.is_whitespace() || ENDS.contains(c),
        }
    };
    let mut length = inside.find(ends).unwrap_or(inside.len());
    let first = &inside[..length];
    // The scheme of a header stands before its secret: `Authorization: Bearer X`.
    let schemes = ["bearer", "basic", "token", "digest"];
    let is_header = || schemes.contains(&first.to_lowercase().as_str());
    let is_named = !is_scheme && is_secret(word, is_name);
    if is_named && quoted.is_none() && is_header() {
        let more = inside[length..].trim_start();
        let begin = inside.len() - more.len();
        let end = more.find(|c: char| c.is_whitespace() || ENDS.contains(c));
        length = begin + end.unwrap_or(more.len());
    }
    let looks = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase() || byte == b'=';
    let is_secret = is_named || is_scheme && length >= 6 && first.bytes().any(looks);
    let nothing = ["", "null", "none", "None", "true", "false", MARK];
    let before = behind.len() - inside.len();
    (is_secret && !nothing.contains(&first)).then(|| (&behind[..before], length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_go_and_what_stands_around_them_stays() {
        for (text, safe) in [
            ("--api-key abc --url x", "--api-key *** --url x"),
            ("--api-key=abc", "--api-key=***"),
            ("--api-key 'a b' -x", "--api-key '***' -x"),
            ("OPENAI_API_KEY=abc aiperf", "OPENAI_API_KEY=*** aiperf"),
            ("HF_TOKEN=abc", "HF_TOKEN=***"),
            ("CI_JOB_TOKEN: abc", "CI_JOB_TOKEN: ***"),
            ("--token abc", "--token ***"),
            ("?a=1&token=abc&b=2", "?a=1&token=***&b=2"),
            ("X-Amz-Signature=abc&x", "X-Amz-Signature=***&x"),
            (
                "--header \"Authorization: Bearer abc\" -v",
                "--header \"Authorization: ***\" -v",
            ),
            ("-H 'authorization: Basic dTpw'", "-H 'authorization: ***'"),
            ("Authorization=Bearer abc, x=1", "Authorization=***, x=1"),
            (
                "{\"api_key\": \"abc\", \"n\": 1}",
                "{\"api_key\": \"***\", \"n\": 1}",
            ),
            (
                "{\\\"apiKey\\\":\\\"abc\\\"}",
                "{\\\"apiKey\\\":\\\"***\\\"}",
            ),
            (
                "[[\"Authorization\",\"Bearer abc\"]]",
                "[[\"Authorization\",\"***\"]]",
            ),
            ("got Bearer abc123 there", "got Bearer *** there"),
            ("https://user:pass@host/x", "https://***@host/x"),
            ("grpc://key@host:80", "grpc://***@host:80"),
            ("a sk-proj-abcdef123456789 b", "a *** b"),
            ("hf_abcdefghijkl12345", "***"),
            ("password: 'x\\'y'", "password: '***'"),
        ] {
            assert_eq!(redact(text), safe, "{text}");
            assert_eq!(redact(safe), safe, "a second time: {safe}");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "time to first token: 12.5 ms",
            "time_per_output_token=3",
            "eos_token=</s> max_tokens=100 --tokenizer meta-llama/Llama",
            "https://host/x@v1 and a@b",
            "basic synthetic data",
            "sk-learn hf_transfer",
            "--api-key",
            "api_key=null",
            "http://[::1]:8000/v1",
            "",
            "ü: ö=ä",
        ] {
            assert_eq!(redact(text), text);
        }
    }

    #[test]
    fn values_are_redacted_by_their_keys() {
        let mut value = json!({"api_key": "abc", "a": ["https://u:p@h", {"token": "abc", "tokens": "9"}], "n": 1});
        redact_all(&mut value);
        let safe = json!({"api_key": "***", "a": ["https://***@h", {"token": "***", "tokens": "9"}], "n": 1});
        assert_eq!(value, safe);
    }
}
