//! Work on many things at a time.

use super::super::progress;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// As many as the machine has.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// What `work` makes of each item, in the order of the items; `doing` is shown on a terminal with how many are done.
pub fn each<T: Sync, R: Send>(
    items: &[T],
    jobs: usize,
    doing: &str,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    // Threads of a sandbox find the runtime of the command.
    let runtime = tokio::runtime::Handle::try_current().ok();
    let run = || {
        let _entered = runtime.as_ref().map(|runtime| runtime.enter());
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return };
            progress::note(|| format!("{doing}: {at} of {}", items.len()));
            let made = work(item);
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            done.push((at, made));
        }
    };
    std::thread::scope(|scope| {
        // The calling thread is one of them, so that all is done where no other can be had.
        for _ in 1..jobs.min(items.len()) {
            let _ = std::thread::Builder::new().spawn_scoped(scope, run);
        }
        run();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use super::each;

    #[test]
    fn answers_stand_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..1_000).collect();
        for jobs in [1, 3, 5_000] {
            let squares = each(&items, jobs, "squaring", |item| item * item);
            let expected: Vec<usize> = items.iter().map(|item| item * item).collect();
            assert_eq!(squares, expected, "{jobs}");
        }
        assert!(each(&Vec::<u8>::new(), 2, "nothing", |_| ()).is_empty());
    }
}
