//! `plan`: the order is the component's, the directories and the script are made here.

use super::again;
use super::args::PlanArgs;
use super::output::{Output, quoted};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::sandbox::Sandbox;
use crate::sandbox::judge::{Arm, Plan};
use serde_json::json;

/// Prints in which order to run the trials of two sides; given the two commands, a shell script that runs them.
pub fn plan(sandbox: &Sandbox, args: &PlanArgs, output: &Output) -> Result<Exit> {
    if let Some(entry) = &args.again {
        return again::again(sandbox, args, entry, output);
    }
    if args.baseline == args.current {
        return Err(Error::usage(format!(
            "both sides are called {:?}; expected two labels, since each run gets a directory of its own. Name them after what differs, for instance --baseline v0.32 --current v0.33",
            label(&args.baseline)
        )));
    }
    let plan = sandbox.plan_trials(args.trials)?;
    let runs = runs(args, &plan);
    let diff = diff(&runs);
    match (&args.run_baseline, &args.run_current) {
        (Some(baseline), Some(current)) => {
            output.say(&format!("note: {}", plan.reason));
            output.data(&script(args, &runs, baseline, current, &diff))?;
        }
        _ if args.json => {
            let order = runs
                .iter()
                .map(|run| json!({"side": run.side(), "label": run.label, "dir": run.dir}));
            output.value(&json!({
                "schema": "perfbridge_plan_v1",
                "trials": args.trials,
                "order": order.collect::<Vec<_>>(),
                "reason": plan.reason,
                "next_command": diff,
            }))?;
        }
        _ => output.data(&listed(&runs, &plan.reason, &diff))?,
    }
    Ok(Exit::Pass)
}

/// What a side is called; without --again both are.
fn label(side: &Option<String>) -> &str {
    side.as_deref().unwrap_or_default()
}

/// One run of the plan.
struct Run<'a> {
    arm: Arm,
    label: &'a str,
    dir: String,
}

impl Run<'_> {
    fn side(&self) -> &'static str {
        match self.arm {
            Arm::Baseline => "baseline",
            Arm::Current => "current",
        }
    }
}

/// The runs in their order, those of a side numbered.
fn runs<'a>(args: &'a PlanArgs, plan: &Plan) -> Vec<Run<'a>> {
    let mut made = [0; 2];
    let run = |arm: &Arm| {
        let (label, count) = match arm {
            Arm::Baseline => (label(&args.baseline), &mut made[0]),
            Arm::Current => (label(&args.current), &mut made[1]),
        };
        *count += 1;
        let dir = args.dir.join(format!("{label}-{count}"));
        Run {
            arm: *arm,
            label,
            dir: dir.display().to_string(),
        }
    };
    plan.order.iter().map(run).collect()
}

/// The command that judges them all.
fn diff(runs: &[Run]) -> String {
    let of = |arm: Arm| {
        let own = runs.iter().filter(move |run| run.arm == arm);
        own.map(|run| format!(" --{} {}", run.side(), quoted(&run.dir)))
    };
    let words: String = of(Arm::Baseline).chain(of(Arm::Current)).collect();
    format!("perfbridge diff{words}")
}

fn listed(runs: &[Run], reason: &str, diff: &str) -> String {
    let width = runs.iter().map(|run| run.label.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (at, run) in runs.iter().enumerate() {
        text.push_str(&format!(
            "{:>3}  {:width$}  {}\n",
            at + 1,
            run.label,
            run.dir
        ));
    }
    format!("{text}\n{reason}\n\nnext  {diff}\n")
}

/// A script for any POSIX shell. A run that is there is not made again, so that a plan which was stopped can be taken up;
/// a run is there when its command succeeded.
fn script(args: &PlanArgs, runs: &[Run], baseline: &str, current: &str, diff: &str) -> String {
    let mut text = format!(
        "#!/bin/sh
# {trials} of {a} and {trials} of {b}, in turns. Started again, it goes on where it stopped.
set -eu

run() {{ # DIRECTORY COMMAND
    if [ -e \"$1\" ]; then
        echo \"$1 is there\" >&2
        return
    fi
    rm -rf \"$1.part\"
    mkdir -p \"$1.part\"
    echo \"running $1\" >&2
    RUN_DIR=$(cd \"$1.part\" && pwd) sh -c \"$2\" >&2
    mv \"$1.part\" \"$1\"
}}
baseline={baseline}
current={current}

",
        trials = args.trials,
        a = label(&args.baseline),
        b = label(&args.current),
        baseline = quoted(baseline),
        current = quoted(current),
    );
    for run in runs {
        text.push_str(&format!("run {} \"${}\"\n", quoted(&run.dir), run.side()));
    }
    format!("{text}\nexec {diff} \"$@\"\n")
}
