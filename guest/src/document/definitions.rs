//! `definitions`: which quantity each judged number is.

use crate::measure::definition::TOPICS;
use crate::measure::{Definition, Quantity, Topic};
use std::collections::BTreeMap;

/// By name of a topic; one that is not here is not known.
pub(super) type Definitions = BTreeMap<&'static str, Definition>;

/// What the chosen numbers of all levels say.
#[derive(Default)]
pub(super) struct DefinitionsOfLevels {
    found: BTreeMap<&'static str, Vec<Option<Definition>>>,
}

impl DefinitionsOfLevels {
    /// Takes what the source of a chosen number says of it.
    pub(super) fn add(&mut self, quantity: Quantity, of_source: &[(&'static str, Definition)]) {
        for topic in Topic::covering(quantity) {
            let stated = of_source.iter().find(|(name, _)| *name == topic.name);
            let stated = stated.map(|(_, definition)| *definition);
            self.found.entry(topic.name).or_default().push(stated);
        }
    }

    /// Each definition that all levels have alike; two that differ are none that can be compared.
    pub(super) fn of_all(self) -> Definitions {
        let alike = |(name, all): (&'static str, Vec<Option<Definition>>)| {
            let first = *all.iter().flatten().next()?;
            if all.iter().flatten().any(|other| *other != first) {
                return Some((name, Definition::Mixed));
            }
            let all_say_it = all.iter().all(Option::is_some);
            all_say_it.then_some((name, first))
        };
        self.found.into_iter().filter_map(alike).collect()
    }
}

/// The names that the levels define, in the order of the document.
pub(super) fn of_cells() -> impl Iterator<Item = &'static Topic> {
    let of_cells = |topic: &&Topic| topic.covers.iter().all(|of| *of != Quantity::HitRatePost);
    TOPICS.iter().filter(of_cells)
}
