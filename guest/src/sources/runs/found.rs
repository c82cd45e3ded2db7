//! One of several runs, and where it stands.

/// One run of a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundRun {
    /// What messages call it; empty for the only run.
    pub name: String,
    /// Its own directory, below the one that was asked about; empty for that one itself. A link may stand there.
    pub dir: String,
    /// The folders and files below `dir` that are the run's; none where all of it is.
    pub folders: Vec<String>,
}
