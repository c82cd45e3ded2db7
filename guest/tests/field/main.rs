//! Inputs from the field, by theme, each with the value or the verdict that is right for it.

mod facts;
mod profiles;
mod server;
mod support;
mod verdicts;
