//! Inputs from the field, by theme, each with the value or the verdict that is right for it.

mod context;
mod copies;
mod document;
mod facts;
mod foreign;
mod foreign_scrapes;
mod loads;
mod made;
mod made_windows;
mod measured;
mod numbers;
mod profiles;
mod reading;
mod requests;
mod runs;
mod server;
mod shapes;
mod shared_files;
mod stale;
mod support;
mod verdicts;
