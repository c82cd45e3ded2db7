//! What a finding is about: a number, a place, or a text.

use crate::measure::{Number, Place};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a finding is about.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Where {
    /// The whole.
    #[default]
    Whole,
    /// One number.
    Number(Number),
    /// All numbers of a place.
    Cell(Place),
    /// A file, a field of the context, or what a document says.
    Text(String),
}

/// What stands between the name of a run and the place in it.
const OF_RUN: &str = ": ";

impl Where {
    /// File, path of a number or of a level, relative to the input; none for the whole.
    pub fn text(&self) -> Option<String> {
        match self {
            Where::Whole => None,
            Where::Number(number) => Some(number.path()),
            Where::Cell(place) => Some(place.path().unwrap_or_else(|| place.key())),
            Where::Text(text) => Some(text.clone()),
        }
    }

    /// The number that it is about, also where a document or a run of several says it as text; what is no path of
    /// a number gives one that nothing measures.
    pub fn number(&self) -> Option<Number> {
        match self {
            Where::Number(number) => Some(number.clone()),
            Where::Text(text) => {
                let path = text
                    .rsplit_once(OF_RUN)
                    .map_or(text.as_str(), |(_, path)| path);
                Some(Number::of_path(path))
            }
            Where::Whole | Where::Cell(_) => None,
        }
    }

    /// The same of one side of a comparison, or of one of several runs.
    pub fn within(&self, name: &str) -> Where {
        Where::Text(match self.text() {
            Some(text) => format!("{name}{OF_RUN}{text}"),
            None => name.to_owned(),
        })
    }
}

impl From<Number> for Where {
    fn from(number: Number) -> Self {
        Where::Number(number)
    }
}

impl From<Place> for Where {
    fn from(place: Place) -> Self {
        Where::Cell(place)
    }
}

impl From<String> for Where {
    fn from(text: String) -> Self {
        Where::Text(text)
    }
}

impl From<Option<String>> for Where {
    fn from(text: Option<String>) -> Self {
        text.map_or(Where::Whole, Where::Text)
    }
}

impl Serialize for Where {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Where {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<String>::deserialize(deserializer).map(Where::from)
    }
}
