//! The one-file report: the page of the viewer with documents put in.

use crate::error::{Error, Result};
use crate::references::References;
use crate::sandbox::{Policy, Setting, ToleranceOrigin};
use serde::{Deserialize, Serialize};

/// Where the page expects its data; the build writes it so.
const SLOT: &str = r#"<script type="application/json" id="perfbridge-data">null</script>"#;
const OPEN: &str = r#"<script type="application/json" id="perfbridge-data">"#;
const CLOSE: &str = "</script>";

/// What the page is opened with.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Given<'a> {
    /// Documents of the baseline.
    pub baseline: Vec<Run>,
    /// Documents of the current side.
    pub current: Vec<Run>,
    /// Earlier baselines, oldest first.
    pub history: &'a [String],
    /// The policy to start with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policing>,
    /// What the registry's searches found for the verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub references: Option<&'a References>,
}

/// A document under a name.
#[derive(Serialize)]
pub struct Run {
    /// Shown above its numbers; no path, since reports are passed on.
    pub name: String,
    /// The document.
    pub json: String,
}

impl Run {
    /// A document under a name.
    pub fn new(name: impl Into<String>, json: &str) -> Self {
        Run {
            name: name.into(),
            json: json.to_owned(),
        }
    }
}

/// A policy as the component's JavaScript takes it, and as a diff bundle keeps it.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Policing {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    choices: Vec<Choice>,
    tolerances: Vec<Tolerance>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    headline: Option<String>,
    vary: Vec<String>,
    observe_tails: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    baseline_max_age_days: Option<f64>,
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
struct Choice {
    path: String,
    value: String,
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
struct Tolerance {
    metric: String,
    value: String,
    origin: Origin,
}

#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Origin {
    Policy,
    CommandLine,
}

impl Policing {
    /// The policy file as JSON text, where one was used.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }
}

impl From<&Policy> for Policing {
    fn from(policy: &Policy) -> Self {
        let tolerances = policy.tolerances.iter().map(|tolerance| Tolerance {
            metric: tolerance.metric.clone(),
            value: tolerance.value.clone(),
            origin: match tolerance.origin {
                ToleranceOrigin::Policy => Origin::Policy,
                ToleranceOrigin::CommandLine => Origin::CommandLine,
            },
        });
        let choices = policy.choices.iter().map(|choice| Choice {
            path: choice.path.clone(),
            value: choice.value.clone(),
        });
        Policing {
            file: policy.file.clone(),
            choices: choices.collect(),
            tolerances: tolerances.collect(),
            headline: policy.headline.clone(),
            vary: policy.vary.clone(),
            observe_tails: policy.observe_tails,
            baseline_max_age_days: policy.baseline_max_age_days,
        }
    }
}

impl From<Policing> for Policy {
    fn from(kept: Policing) -> Self {
        let tolerances = kept.tolerances.into_iter();
        let tolerances = tolerances.map(|tolerance| crate::sandbox::Tolerance {
            metric: tolerance.metric,
            value: tolerance.value,
            origin: match tolerance.origin {
                Origin::Policy => ToleranceOrigin::Policy,
                Origin::CommandLine => ToleranceOrigin::CommandLine,
            },
        });
        let choices = kept.choices.into_iter().map(|choice| Setting {
            path: choice.path,
            value: choice.value,
        });
        Policy {
            file: kept.file,
            choices: choices.collect(),
            tolerances: tolerances.collect(),
            headline: kept.headline,
            vary: kept.vary,
            observe_tails: kept.observe_tails,
            baseline_max_age_days: kept.baseline_max_age_days,
        }
    }
}

/// Puts data into the page. An empty `template` is a build without the viewer.
pub fn page(template: &str, given: &Given<'_>) -> Result<String> {
    let Some((before, after)) = template.split_once(SLOT) else {
        return Err(Error::usage(
            "this build of perfbridge has no viewer; build the web part first, then perfbridge again",
        ));
    };
    // `<` stands in JSON inside strings only. Escaped, no text from a file can end the element or open a comment.
    let data = serde_json::to_string(given)
        .map_err(|error| Error::internal(error.to_string()))?
        .replace('<', "\\u003c");
    Ok([before, OPEN, &data, CLOSE, after].concat())
}

#[cfg(test)]
mod tests {
    use super::{Given, Run, SLOT, page};

    #[test]
    fn text_from_a_file_cannot_end_the_element() {
        let given = Given {
            baseline: vec![Run {
                name: "</script><script>alert(1)</script><!--".to_owned(),
                json: "{}".to_owned(),
            }],
            ..Given::default()
        };
        let page = page(&format!("<p>{SLOT}</p>"), &given).unwrap();
        assert_eq!(page.matches("</script>").count(), 1);
        assert!(!page.contains("<!--"));
        let data = page.split("perfbridge-data\">").nth(1).unwrap();
        let data: serde_json::Value =
            serde_json::from_str(data.split("</script>").next().unwrap()).unwrap();
        assert_eq!(
            data["baseline"][0]["name"],
            "</script><script>alert(1)</script><!--"
        );
    }

    #[test]
    fn a_build_without_the_viewer_says_so() {
        let error = page("", &Given::default()).unwrap_err();
        assert!(error.to_string().contains("build the web part first"));
    }
}
