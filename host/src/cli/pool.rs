//! Work on many things at a time.

use super::progress;
use std::num::NonZeroUsize;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// As many as the machine has.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// What `work` makes of each item, in the order of the items; `doing` is shown on a terminal with how many are done.
pub fn each<T: Sync, R: Send + Sync>(
    items: &[T],
    jobs: usize,
    doing: &str,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let made: Vec<OnceLock<R>> = items.iter().map(|_| OnceLock::new()).collect();
    // Each number is given out once, so that nothing is made twice.
    let one = |at: usize| drop(made[at].set(work(&items[at])));
    run(items.len(), jobs, doing, &one);
    made.into_iter().filter_map(OnceLock::into_inner).collect()
}

/// Calls `work` for each number below `count`, on as many threads as there are jobs.
fn run(count: usize, jobs: usize, doing: &str, work: &(dyn Fn(usize) + Sync)) {
    let next = AtomicUsize::new(0);
    // Threads of a sandbox find the runtime of the command.
    let runtime = tokio::runtime::Handle::try_current().ok();
    let run = || {
        let _entered = runtime.as_ref().map(|runtime| runtime.enter());
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count {
                return;
            }
            progress::note(|| format!("{doing}: {at} of {count}"));
            work(at);
        }
    };
    std::thread::scope(|scope| {
        // The calling thread is one of them, so that all is done where no other can be had.
        for _ in 1..jobs.min(count) {
            let _ = std::thread::Builder::new().spawn_scoped(scope, run);
        }
        run();
    });
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
