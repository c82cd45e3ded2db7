//! A number of a document: what it is and where it was measured.

use super::metrics::Metric;
use super::place::Place;
use super::quantity::{Quantity, Stands};
use std::fmt;

/// What a number is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    /// One of the table.
    Of(Quantity),
    /// The share of one class of kernels.
    Class(String),
    /// A name of another version; it is kept and means nothing here.
    Foreign(String),
}

impl Name {
    /// The quantity, unless the name is foreign.
    pub fn quantity(&self) -> Option<Quantity> {
        match self {
            Name::Of(quantity) => Some(*quantity),
            Name::Class(_) => Some(Quantity::KernelClass),
            Name::Foreign(_) => None,
        }
    }

    /// The judged metric, where it is one.
    pub fn metric(&self) -> Option<&'static Metric> {
        Metric::of(self.quantity()?)
    }

    /// Whether it is the number of a quantity.
    pub fn is(&self, quantity: Quantity) -> bool {
        self.quantity() == Some(quantity)
    }

    /// The name that people write for a metric: a full one, a short one, or `kernel_class_gpu_pct.<class>`.
    pub fn written(text: &str) -> Option<Name> {
        if let Some(class) = class_of(text).filter(|class| !class.is_empty()) {
            return Some(Name::Class(class.to_owned()));
        }
        Metric::written(text).map(|metric| Name::Of(metric.quantity))
    }

    /// The name of a key at a place.
    pub fn of_key(place: Place, key: &str) -> Name {
        let here = |quantity: &Quantity| match quantity.stands() {
            Stands::Cell | Stands::Judged => place.is_cell(),
            Stands::Server => place == Place::Server,
            Stands::Top => place == Place::Profile,
            Stands::Class | Stands::Making => false,
        };
        match class_of(key).filter(|_| place == Place::Profile) {
            Some(class) => Name::Class(class.to_owned()),
            None => Quantity::of(key)
                .filter(here)
                .map_or_else(|| Name::Foreign(key.to_owned()), Name::Of),
        }
    }
}

/// The class of `kernel_class_gpu_pct.<class>`.
fn class_of(text: &str) -> Option<&str> {
    let (family, class) = text.split_once('.')?;
    (family == Quantity::KernelClass.name()).then_some(class)
}

/// The name as rows carry it: for kernel classes with the class.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Of(quantity) => f.write_str(quantity.name()),
            Name::Class(class) => write!(f, "{}.{class}", Quantity::KernelClass.name()),
            Name::Foreign(name) => f.write_str(name),
        }
    }
}

/// One number of a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number {
    /// Where it was measured.
    pub place: Place,
    /// What it is.
    pub name: Name,
}

impl Number {
    /// The number of a quantity at a place.
    pub fn new(quantity: Quantity, place: Place) -> Self {
        Number {
            place,
            name: Name::Of(quantity),
        }
    }

    /// The dotted path in a document: `metrics.16.ttft_p50_ms`, `metrics_by_request_rate[0.8].ttft_p50_ms`,
    /// `server_metrics_delta.prefix_cache_hit_rate_post`, `kernel_class_gpu_pct.fp8_bmm`, `cpu_spinpoll_pct`.
    pub fn path(&self) -> String {
        match self.place.path() {
            Some(section) => format!("{section}.{}", self.name),
            None => self.name.to_string(),
        }
    }

    /// The number of a dotted path. What is no path of this version is a foreign name at the profile, whose
    /// path is the text itself.
    pub fn of_path(path: &str) -> Self {
        let (place, key) = Place::of_path(path).unwrap_or((Place::Profile, path));
        Number {
            place,
            name: Name::of_key(place, key),
        }
    }
}

/// Numbers are shown by their path.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path())
    }
}
