//! One line on a terminal that says what a command is at, once that takes longer than a second.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long nothing is said, and how often after that.
const EVERY: Duration = Duration::from_secs(1);

/// As many characters of it are shown.
const MOST: usize = 60;

/// The line, while there is a command that shows one. There is one terminal, hence one line.
static LINE: Mutex<Option<Line>> = Mutex::new(None);

struct Line {
    doing: String,
    since: Instant,
    shown: bool,
    paused: bool,
}

fn line() -> MutexGuard<'static, Option<Line>> {
    LINE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Line {
    fn show(&mut self) {
        if !self.paused {
            let seconds = self.since.elapsed().as_secs();
            // A line that the terminal breaks could not be taken away again.
            let doing: String = self.doing.chars().take(MOST).collect();
            let _ = write!(stderr(), "\r\u{1b}[K{doing} {seconds} s");
            self.shown = true;
        }
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = write!(stderr(), "\r\u{1b}[K");
        }
    }
}

/// Shows the line until it is dropped.
pub struct Progress {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Begins to count; shows nothing where stderr is no terminal or nobody wants it.
    pub fn start(doing: &str, wanted: bool) -> Option<Progress> {
        if !wanted || !stderr().is_terminal() {
            return None;
        }
        *line() = Some(Line {
            doing: doing.to_owned(),
            since: Instant::now(),
            shown: false,
            paused: false,
        });
        let (end, ended) = channel::<()>();
        let tick = move || {
            while ended.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                line().iter_mut().for_each(Line::show);
            }
        };
        // Where no thread can be had, a command goes on without the line.
        let thread = std::thread::Builder::new().spawn(tick).ok();
        let end = Some(end);
        Some(Progress { end, thread })
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        clear();
        *line() = None;
    }
}

/// Says what the command is at from now on.
pub fn note(doing: impl FnOnce() -> String) {
    if let Some(line) = line().as_mut() {
        line.doing = doing();
    }
}

/// Removes the line, before something else is written.
pub fn clear() {
    line().iter_mut().for_each(Line::clear);
}

/// Keeps the line away while something is asked.
pub fn paused<T>(ask: impl FnOnce() -> T) -> T {
    let pause = |paused| {
        clear();
        line().iter_mut().for_each(|line| line.paused = paused);
    };
    pause(true);
    let answer = ask();
    pause(false);
    answer
}
