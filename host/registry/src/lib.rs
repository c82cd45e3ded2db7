//! The registry of performance baselines: the four verbs (see [`Verb`]), and reading and verifying what they wrote.
//!
//! The layout on disk and the replies of the verbs are those of an existing MCP server, byte for byte, so that both can
//! work on one registry. What is different on purpose: an entry appears whole or not at all, `INDEX.md` loses no row,
//! a snapshot that was edited is refused, and nothing ends in an exception.
//!
//! The registry decides nothing about numbers of inference benchmarks: two `inference_perfbench_v1` documents go to an
//! [`Arbiter`]. Other documents are compared by the one rule of the verb.

mod arbiter;
mod audit;
mod clock;
mod desk;
mod diff;
mod durable;
mod embedded;
mod entries;
mod envelope;
mod grants;
mod handoff;
mod index;
mod kept_secrets;
mod layout;
mod marks;
mod names;
pub mod options;
mod paths;
mod problems;
pub mod python;
mod record;
mod refusal;
mod revision;
mod root;
mod schema;
mod search;
mod slot;
mod snapshot;
mod surroundings;
mod verb;
mod verify;

pub use arbiter::{Arbiter, ArbiterFault, INPUTS, Ruling};
pub use clock::{day, parse_iso, slug_key};
pub use durable::{write_aside, write_new_aside};
pub use embedded::Embedded;
pub use entries::{
    Baseline, Entry, Listing, Registry, Snapshot, Unfinished, read_entry, read_snapshot,
};
pub use envelope::{Envelope, VerbError, Verbs};
pub use grants::Grants;
pub use handoff::{HANDOFF, earlier_handoff, handoff_in};
pub use layout::component as component_path;
pub use marks::{Against, BASELINE_ROLE, Mark, Marks, Promotion, Said};
pub use names::{baselines_of, is_safe_segment, measurement_name, model_of, observations_of};
pub use options::option_names;
pub use problems::{Kind, Problem, Report, Severity};
pub use refusal::Refusal;
pub use root::{NoRoot, ROOT_VARIABLE, find_root, init};
pub use surroundings::{Real, Surroundings};
pub use verb::{Call, Query, Safety, Takes, Verb};
pub use verify::verify;
