//! The directory a diff leaves behind.

use super::baseline::Baseline;
use super::outcome::Outcome;
use super::render::{self, KEPT_ROWS};
use crate::arbiter::INPUTS;
use crate::desk::{Desk, signed};
use crate::durable::{Batch, Disk};
use crate::handoff::{HANDOFF, earlier_handoff};
use crate::paths::text_of;
use crate::python::json::{Value, pretty};
use crate::refusal::Refusal;
use crate::slot::Slot;
use crate::snapshot::{self, Survey};
use crate::verb::Verb;
use std::path::{Path, PathBuf};

pub(super) struct Bundle<'a> {
    pub baseline: &'a Baseline,
    pub survey: &'a Survey,
    /// The hash of the current file before it was compared.
    pub sha256: &'a str,
    pub outcome: &'a Outcome,
}

impl Bundle<'_> {
    /// Writes the bundle below `dir`, whole or not at all, and returns its directory.
    pub fn write(&self, desk: &Desk, dir: &Path) -> Result<PathBuf, Refusal> {
        let disk = Disk(desk.surroundings.as_ref());
        text_of(dir)?;
        let slot = Slot::stage(disk, "a bundle", dir, desk.surroundings.now())?;
        let mut batch = disk.batch();
        self.fill(&disk, &mut batch, slot.path())?;
        self.hand_off(desk, &mut batch, dir, slot.path())?;
        batch.flush()?;
        slot.publish()
    }

    fn fill(&self, disk: &Disk<'_>, batch: &mut Batch<'_>, dir: &Path) -> Result<(), Refusal> {
        let sha256 = snapshot::copy(disk, batch, self.survey, dir, "current-snapshot")?;
        if sha256 != self.sha256 {
            return Err(Refusal::new(
                "--current changed while it was compared: run the diff again once it is complete",
            ));
        }
        let reference = text_of(&self.baseline.dir)?;
        let mut files = vec![
            ("diff.json", pretty(&self.json(&reference, &sha256)) + "\n"),
            ("baseline-ref.txt", reference + "\n"),
            ("diff.md", render::markdown(self.baseline, self.outcome)),
        ];
        if let Some(ruling) = &self.outcome.ruling {
            files.push(("verdict.json", ruling.judgement.clone()));
            files.push(("verdict.md", ruling.markdown.clone()));
            files.push(("case.json", ruling.case.clone()));
        }
        for (name, text) in files {
            batch.write_new(&dir.join(name), text.as_bytes())?;
        }
        self.keep_inputs(disk, batch, &dir.join(INPUTS))
    }

    fn keep_inputs(
        &self,
        disk: &Disk<'_>,
        batch: &mut Batch<'_>,
        dir: &Path,
    ) -> Result<(), Refusal> {
        let ruling = self.outcome.ruling.as_ref();
        let inputs = ruling.map(|ruling| ruling.inputs.as_slice());
        for (name, text) in inputs.unwrap_or_default() {
            let made = disk.create_dirs(dir);
            made.map_err(|e| Refusal::io("write", &dir.join(name), &e))?;
            batch.write_new(&dir.join(name), text.as_bytes())?;
        }
        Ok(())
    }

    /// Writes what an earlier bundle in `dir` knows of the levers, beside those of this judgement.
    fn hand_off(
        &self,
        desk: &Desk,
        batch: &mut Batch<'_>,
        dir: &Path,
        own: &Path,
    ) -> Result<(), Refusal> {
        let (Some(ruling), Some(arbiter)) = (&self.outcome.ruling, &desk.arbiter) else {
            return Ok(());
        };
        let text = match earlier_handoff(dir, None) {
            Some(earlier) => arbiter.take_over(&ruling.handoff, &earlier),
            None => Ok(ruling.handoff.clone()),
        };
        let text = text.map_err(|fault| Refusal::new(fault.to_string()))?;
        batch.write_new(&own.join(HANDOFF), text.as_bytes())
    }

    fn json(&self, reference: &str, sha256: &str) -> Value {
        let Outcome {
            comparison,
            tolerance,
            direction,
            ..
        } = self.outcome;
        let kept = comparison
            .sorted(tolerance)
            .into_iter()
            .take(KEPT_ROWS)
            .map(|row| row.to_json());
        let mut object = signed(
            Verb::Diff,
            [
                ("family", self.baseline.family.as_str().into()),
                ("measurement", self.baseline.measurement.as_str().into()),
                ("baseline_dir", reference.into()),
                ("baseline_source_sha256", self.baseline.sha256.clone()),
                ("current_source_sha256", sha256.into()),
                ("tolerance_percent", tolerance.percent.into()),
                ("tolerance_absolute", tolerance.absolute.into()),
                ("direction", direction.as_str().into()),
                ("verdict", self.outcome.verdict().into()),
                ("deltas_top20", Value::List(kept.collect())),
                ("deltas_count", comparison.rows.len().into()),
            ],
        );
        self.outcome.add_findings(&mut object);
        object
    }
}
