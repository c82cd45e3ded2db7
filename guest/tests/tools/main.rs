//! Results of other benchmark tools: real files of each, and what is wrong in files like them.

mod across;
mod aiperf_summary;
mod consoles;
mod damaged;
mod field;
mod goodput;
mod guidellm;
mod guidellm_console;
mod guidellm_tables;
mod inference_perf;
mod llm_d;
mod others;
mod real;
mod runs;
mod samples;
mod sending;
mod serving;
mod several;
mod support;
mod traps;
mod traps_aiperf;
mod versions;
