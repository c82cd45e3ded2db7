//! Results of other benchmark tools: real files of each, and what is wrong in files like them.

mod guidellm;
mod inference_perf;
mod real;
mod serving;
mod support;
