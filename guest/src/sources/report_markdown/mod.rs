//! `perf-bench-report-*.md`: a report that a person or a script wrote, with a section for each model.
//!
//! A section (`## model`) has a list of properties and a table with one row for each concurrency level.
//! Columns are found by their header (`columns`), properties by their name (`properties`). The
//! numbers were rounded by whoever wrote the report, so their decimals are kept.

mod columns;
mod models;
mod outline;
mod properties;
mod table;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_damage;

use super::source::{Candidate, Source};
use crate::fault::{Code, Fault, Result};
use crate::files::{self, Tree};
use crate::measure::Place;
use crate::run::{Format, LevelResult, Run, Speaker, Statement, States};
use models::Models;
use outline::Section;

/// The format.
pub static SOURCE: Source = Source {
    format: Format {
        name: "report-markdown",
        title: "Markdown report (perf-bench-report-*.md)",
        tool: None,
        states: States::Results,
        speaker: Speaker::Report,
        one_each: false,
        of_many_levels: true,
    },
    begins: None,
    by_content,
    by_name: |name| name.starts_with("perf-bench-report") && name.ends_with(".md"),
    read,
};

/// A Markdown table with a `Concurrency` column and two columns of results.
fn by_content(candidate: &Candidate<'_>) -> bool {
    // The word is the heading of a column; the first letter may be of either case.
    !candidate.is_json_object()
        && candidate.has("oncurrency")
        && candidate.has("\n|")
        && outline::sections(candidate.head)
            .iter()
            .flat_map(Section::tables)
            .any(|table| table.has_separator && columns::looks_like_results(&table.header))
}

fn read(run: &mut Run, tree: &dyn Tree, file: &str) -> Result<()> {
    let text = &files::read_text(tree, file)?;
    let sections = outline::sections(text);
    let mut models = Models::new(file, &sections);
    let mut results: Vec<(u64, LevelResult)> = Vec::new();
    let mut statements = Vec::new();
    for section in &sections {
        let mut levels = Vec::new();
        for table in section.tables() {
            levels.extend(table::read(
                &SOURCE.format,
                file,
                table,
                !text.ends_with('\n'),
            )?);
        }
        let model = models.of(section, !levels.is_empty())?;
        for (line, mut level) in levels {
            level.model.clone_from(&model);
            add_level(file, &mut results, line, level)?;
        }
        statements.extend(section_statements(file, section, model.as_deref())?);
    }
    models.finish()?;
    if results.is_empty() {
        let tables = sections.iter().flat_map(Section::tables);
        return Err(
            table::without_concurrency(file, tables).unwrap_or_else(|| no_results(file, text))
        );
    }
    keep_models_apart(&results, &mut statements);
    run.results
        .extend(results.into_iter().map(|(_, level)| level));
    run.statements.append(&mut statements);
    Ok(())
}

fn section_statements(
    file: &str,
    section: &Section,
    model: Option<&str>,
) -> Result<Vec<Statement>> {
    let mut statements = Vec::new();
    for item in section.items() {
        if let Some((field, value)) = properties::read(file, item)? {
            statements.push(Statement {
                field: field.to_owned(),
                value,
                speaker: SOURCE.format.speaker,
                file: file.to_owned(),
                model: model.map(str::to_owned),
            });
        }
    }
    Ok(statements)
}

/// Adds the row of a table. Two tables of one model may share a level as long as they hold different columns.
fn add_level(
    file: &str,
    results: &mut Vec<(u64, LevelResult)>,
    line: u64,
    level: LevelResult,
) -> Result<()> {
    let Some((earlier, known)) = results
        .iter_mut()
        .find(|(_, known)| known.place == level.place && known.model == level.model)
    else {
        results.push((line, level));
        return Ok(());
    };
    if level
        .readings
        .iter()
        .any(|(quantity, _)| known.get(*quantity).is_some())
        || level.readings.is_empty()
    {
        return Err(Fault::new(
            Code::Conflict,
            format!(
                "found a second row for {} of `{}`, the first is on line {earlier}; expected one. Give each model its own section",
                level.place.map(Place::words).unwrap_or_default(),
                level.model.as_deref().unwrap_or("this report"),
            ),
        )
        .at_line(file, line));
    }
    known.readings.extend(level.readings);
    Ok(())
}

/// In a report about one model everything is about that model, and statements need no owner.
fn keep_models_apart(results: &[(u64, LevelResult)], statements: &mut [Statement]) {
    let mut models: Vec<&Option<String>> = results.iter().map(|(_, level)| &level.model).collect();
    models.dedup();
    if models.len() == 1 {
        statements
            .iter_mut()
            .for_each(|statement| statement.model = None);
    }
}

fn no_results(file: &str, text: &str) -> Fault {
    let found = if text.trim().is_empty() {
        "an empty file"
    } else {
        "no table of results"
    };
    Fault::damaged(format!("found {found}; expected a table with a `Concurrency` column and columns such as `Throughput (tok/s)`. Complete the report, or take it out of the bundle"))
    .at(file)
}
