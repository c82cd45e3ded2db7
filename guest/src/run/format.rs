//! What is known of the formats that a bundle is read from: the facts of a row of the table in `sources`.

/// One input format.
#[derive(Debug, PartialEq, Eq)]
pub struct Format {
    /// Its name in documents: `aiperf-json`.
    pub name: &'static str,
    /// Its name in messages, with the name that its files usually bear.
    pub title: &'static str,
    /// The program that writes it; `None` where any may.
    pub tool: Option<&'static str>,
    /// What it states.
    pub states: States,
    /// Who speaks where it states fields of the context.
    pub speaker: Speaker,
    /// Whether a level has one file of it, so that a second one is of another run.
    pub one_each: bool,
    /// Whether a file of it is a whole of several levels, and says nothing about its neighbours in the folder.
    pub of_many_levels: bool,
}

impl Format {
    /// Results of a tool, of which a level has one; a file of it is a whole of several levels.
    pub const fn of_tool(name: &'static str, title: &'static str, tool: &'static str) -> Format {
        Format {
            name,
            title,
            tool: Some(tool),
            states: States::Results,
            speaker: Speaker::Tool,
            one_each: true,
            of_many_levels: true,
        }
    }
}

/// What a format states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum States {
    /// What the benchmark measured: results, one for each place.
    Results,
    /// Metrics of the server.
    Server,
    /// A profile of the run.
    Profile,
}

/// Who states a field of the context; earlier ones win over later ones, except that [`Speaker::Operator`] wins over all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Speaker {
    /// The operator, while the bundle is read.
    Operator,
    /// The benchmark tool: the configuration that it echoes in its result.
    Tool,
    /// The server: its configuration as labels of its metrics.
    Server,
    /// A person: the lists of a report.
    Report,
}
