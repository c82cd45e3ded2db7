//! The parts of a Markdown text that matter here: sections, list items `name: value`, pipe tables.

use crate::text;

/// Everything under one heading of the first or second level.
#[derive(Debug)]
pub struct Section {
    /// 0 before the first heading, 1 for `#`, 2 for `##`.
    pub level: usize,
    /// The heading, without marks.
    pub title: String,
    /// Items and tables in order.
    pub blocks: Vec<Block>,
}

impl Section {
    /// Its tables, in order.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Table(table) => Some(table),
            Block::Item(_) => None,
        })
    }

    /// The items of its lists, in order.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Item(item) => Some(item),
            Block::Table(_) => None,
        })
    }
}

/// A part of a section.
#[derive(Debug)]
pub enum Block {
    /// A list item of the form `name: value`.
    Item(Item),
    /// A pipe table.
    Table(Table),
}

/// A list item.
#[derive(Debug)]
pub struct Item {
    /// The line it is on.
    pub line: u64,
    /// The text before the colon, without marks.
    pub key: String,
    /// The text after the colon, without marks.
    pub value: String,
}

/// A pipe table.
#[derive(Debug)]
pub struct Table {
    /// The line of the header.
    pub line: u64,
    /// The header cells, without marks.
    pub header: Vec<String>,
    /// Whether the line of dashes under the header is there.
    pub has_separator: bool,
    /// Whether the header line ends with a bar, as then all rows must.
    pub closed: bool,
    /// The rows below.
    pub rows: Vec<Row>,
}

/// A row of a table.
#[derive(Debug)]
pub struct Row {
    /// The line it is on.
    pub line: u64,
    /// The cells, without marks.
    pub cells: Vec<String>,
    /// Whether the line ends with a bar.
    pub closed: bool,
    /// Whether this is the last line of the file.
    pub last: bool,
}

/// Splits a text into sections. Text in fenced code blocks is passed over.
pub fn sections(text: &str) -> Vec<Section> {
    let mut sections = vec![Section {
        level: 0,
        title: String::new(),
        blocks: Vec::new(),
    }];
    let mut fenced = false;
    let mut in_table = false;
    let mut lines = (1u64..).zip(text.lines()).peekable();
    while let Some((line, raw)) = lines.next() {
        let trimmed = raw.trim();
        let was_in_table = std::mem::take(&mut in_table);
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            fenced = !fenced;
        } else if fenced {
        } else if let Some((level, title)) = heading(trimmed) {
            if level <= 2 {
                sections.push(Section {
                    level,
                    title: plain(title),
                    blocks: Vec::new(),
                });
            }
        } else if let Some(section) = sections.last_mut() {
            if trimmed.contains('|') {
                in_table = true;
                let last = lines.peek().is_none();
                table_line(&mut section.blocks, was_in_table, line, trimmed, last);
            } else if let Some(item) = item(line, trimmed) {
                section.blocks.push(Block::Item(item));
            }
        }
    }
    sections
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let title = line.trim_start_matches('#');
    let level = line.len() - title.len();
    (level > 0 && (title.is_empty() || title.starts_with(' '))).then_some((level, title.trim()))
}

fn table_line(blocks: &mut Vec<Block>, goes_on: bool, line: u64, trimmed: &str, last: bool) {
    let cells: Vec<String> = text::markdown_cells(trimmed)
        .iter()
        .map(|cell| plain(cell))
        .collect();
    let closed = trimmed.ends_with('|');
    match blocks.last_mut() {
        Some(Block::Table(table)) if goes_on => {
            if table.has_separator || !is_separator(&cells) {
                table.rows.push(Row {
                    line,
                    cells,
                    closed,
                    last,
                });
                return;
            }
            table.has_separator = true;
            // The header is the line right above the dashes; lines before it are a paragraph with bars.
            if let Some(header) = table.rows.pop() {
                table.rows.clear();
                table.line = header.line;
                table.closed = header.closed;
                table.header = header.cells;
            }
        }
        _ => blocks.push(Block::Table(Table {
            line,
            header: cells,
            has_separator: false,
            closed,
            rows: Vec::new(),
        })),
    }
}

fn is_separator(cells: &[String]) -> bool {
    cells
        .iter()
        .all(|cell| cell.contains('-') && cell.chars().all(|c| matches!(c, '-' | ':' | ' ')))
}

fn item(line: u64, trimmed: &str) -> Option<Item> {
    let text = trimmed.strip_prefix(['-', '*', '+'])?;
    if !text.starts_with([' ', '\t']) {
        return None;
    }
    let (key, value) = text.split_once(':')?;
    Some(Item {
        line,
        key: plain(key),
        value: plain(value),
    })
}

/// The text without the marks for bold, italics and code around it.
fn plain(text: &str) -> String {
    text.trim().trim_matches(['*', '`', '_', ' ']).to_owned()
}
