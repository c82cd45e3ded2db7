//! What a reader's screen can show.

/// How a text is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Columns of the terminal; text is wrapped to at most this many.
    pub width: usize,
    /// Whether escape codes for colour may be used.
    pub colour: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Layout {
            width: 80,
            colour: false,
        }
    }
}
