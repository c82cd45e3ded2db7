//! The four verbs: what each one is called, and what it is called with.

/// One of the verbs. A further one has a row in the function `row`, a case of [`Call`] and an answer in `embedded.rs`; in
/// the MCP crate it has its row in `tools.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// A measurement against a baseline.
    Diff,
    /// A new baseline.
    Record,
    /// What the runbooks say.
    Runbooks,
    /// What was measured before.
    Evidence,
}

/// What a verb does to the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Safety {
    /// It adds files.
    WritesArtifacts,
    /// It changes nothing.
    ReadOnly,
}

impl Safety {
    /// Both.
    pub const ALL: [Safety; 2] = [Safety::WritesArtifacts, Safety::ReadOnly];

    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Safety::WritesArtifacts => "writes_artifacts",
            Safety::ReadOnly => "read_only",
        }
    }
}

/// What a verb takes; each case makes the call of what was given.
#[derive(Debug, Clone, Copy)]
pub enum Takes {
    /// The options of a command line.
    Options(fn(Vec<String>) -> Call),
    /// A query.
    Query(fn(Query) -> Call),
}

struct Row {
    tool: &'static str,
    library: &'static str,
    name: &'static str,
    safety: Safety,
    takes: Takes,
}

impl Verb {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Verb; 4] = [Verb::Diff, Verb::Record, Verb::Runbooks, Verb::Evidence];

    fn row(self) -> Row {
        let writer = |tool, name, call| Row {
            tool,
            library: "perf_baseline",
            name,
            safety: Safety::WritesArtifacts,
            takes: Takes::Options(call),
        };
        let search = |tool, call| Row {
            tool,
            library: "mcp_aux",
            name: "search",
            safety: Safety::ReadOnly,
            takes: Takes::Query(call),
        };
        match self {
            Verb::Diff => writer("perf_baseline_diff", "diff", Call::Diff),
            Verb::Record => writer("perf_baseline_record", "record", Call::Record),
            Verb::Runbooks => search("search_runbooks", Call::Runbooks),
            Verb::Evidence => search("search_evidence", Call::Evidence),
        }
    }

    /// The verb behind an MCP tool.
    pub fn of_tool(tool: &str) -> Option<Verb> {
        Verb::ALL.into_iter().find(|verb| verb.tool() == tool)
    }

    /// The name of its MCP tool.
    pub fn tool(self) -> &'static str {
        self.row().tool
    }

    /// The library that the reference server keeps it in.
    pub fn library(self) -> &'static str {
        self.row().library
    }

    /// Its word in an envelope; that of both searches is the same.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// What it does to the registry.
    pub fn safety(self) -> Safety {
        self.row().safety
    }

    /// What it takes.
    pub fn takes(self) -> Takes {
        self.row().takes
    }
}

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// A regular expression.
    pub pattern: String,
    /// The most matches, 1 to 100.
    pub limit: u32,
}

impl Query {
    /// A query.
    pub fn new(pattern: impl Into<String>, limit: u32) -> Self {
        Self {
            pattern: pattern.into(),
            limit,
        }
    }
}

/// A verb and what it is called with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// [`Verb::Diff`]
    Diff(Vec<String>),
    /// [`Verb::Record`]
    Record(Vec<String>),
    /// [`Verb::Runbooks`]
    Runbooks(Query),
    /// [`Verb::Evidence`]
    Evidence(Query),
}

impl Call {
    /// Which verb is called.
    pub fn verb(&self) -> Verb {
        match self {
            Call::Diff(_) => Verb::Diff,
            Call::Record(_) => Verb::Record,
            Call::Runbooks(_) => Verb::Runbooks,
            Call::Evidence(_) => Verb::Evidence,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_is_found_by_the_exact_name_of_its_tool() {
        for verb in Verb::ALL {
            assert_eq!(Verb::of_tool(verb.tool()), Some(verb));
        }
        assert_eq!(Verb::of_tool("perf_baseline_recor"), None);
        assert_eq!(Verb::of_tool(""), None);
    }

    #[test]
    fn what_a_verb_takes_makes_a_call_of_that_verb() {
        for verb in Verb::ALL {
            let call = match verb.takes() {
                Takes::Options(call) => call(vec!["--help".to_owned()]),
                Takes::Query(call) => call(Query::new("x", 1)),
            };
            assert_eq!(call.verb(), verb);
        }
    }
}
