//! What design and specification say about judging, sentence by sentence, on documents made by hand.

mod calibration;
mod documents;
mod explained;
mod headline;
mod history;
mod identity;
mod policy;
mod refusals;
mod requests;
mod requests_of_trials;
mod rules;
mod rules_order;
mod statuses;
mod tiers;
mod tolerances;
mod trials;
mod validity;
