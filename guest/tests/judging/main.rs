//! What design and specification say about judging, sentence by sentence, on documents made by hand. A file bears
//! the name of the module of `judge` that it tests.

mod calibration;
mod causes;
mod contradiction;
mod documents;
mod evidence;
mod evidence_of_trials;
mod explain;
mod fool;
mod forms;
mod headline;
mod history;
mod identity;
mod judgement;
mod lengths;
mod lever;
mod noise;
mod nonsense;
mod order;
mod past;
mod policy;
mod rates;
mod recommend;
mod refusals;
mod reliability;
mod row;
mod rows;
mod rule;
mod same_run;
mod sessions;
mod severe;
mod status;
mod tier;
mod trials;
mod validity;
mod verdict;
