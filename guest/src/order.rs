//! Sorting and keyed collections whose code is in the component once, not once for each type.
//!
//! The standard library compiles its sort anew for every type of element and every comparison, and collecting into a set or
//! a map sorts too: together 200 KB of the component. What is sorted here has some hundred elements; the samples
//! of requests, of which there are millions, are sorted by the standard library.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Stable sorting of what is short.
pub trait Ordered<T> {
    /// Sorts by the order of the elements.
    fn order(&mut self)
    where
        T: Ord;

    /// Sorts by a comparison.
    fn order_by(&mut self, compare: impl FnMut(&T, &T) -> Ordering);

    /// Sorts by a key.
    fn order_by_key<K: Ord>(&mut self, key: impl FnMut(&T) -> K);
}

impl<T> Ordered<T> for [T] {
    fn order(&mut self)
    where
        T: Ord,
    {
        self.order_by(T::cmp);
    }

    fn order_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        let swaps = swaps(self.len(), &mut |a, b| compare(&self[a], &self[b]));
        for (a, b) in swaps {
            self.swap(a, b);
        }
    }

    fn order_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.order_by(|a, b| key(a).cmp(&key(b)));
    }
}

/// The exchanges, in turn, that bring that many elements into order.
fn swaps(
    count: usize,
    compare: &mut dyn FnMut(usize, usize) -> Ordering,
) -> impl Iterator<Item = (usize, usize)> + use<> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| compare(a, b));
    // Where each element goes.
    let mut goes = vec![0; count];
    for (to, &from) in order.iter().enumerate() {
        goes[from] = to;
    }
    let mut at = 0;
    std::iter::from_fn(move || {
        while *goes.get(at)? == at {
            at += 1;
        }
        let to = goes[at];
        goes.swap(at, to);
        Some((at, to))
    })
}

/// Collecting without a sort: one after the other is put in.
pub trait Keyed: Iterator + Sized {
    /// All elements, each once.
    fn into_set(self) -> BTreeSet<Self::Item>
    where
        Self::Item: Ord;

    /// Pairs of keys and values; of two values of one key the later.
    fn into_map<K: Ord, V>(self) -> BTreeMap<K, V>
    where
        Self: Iterator<Item = (K, V)>;
}

impl<I: Iterator> Keyed for I {
    fn into_set(self) -> BTreeSet<I::Item>
    where
        I::Item: Ord,
    {
        let mut set = BTreeSet::new();
        set.extend(self);
        set
    }

    fn into_map<K: Ord, V>(self) -> BTreeMap<K, V>
    where
        I: Iterator<Item = (K, V)>,
    {
        let mut map = BTreeMap::new();
        map.extend(self);
        map
    }
}

#[cfg(test)]
mod tests {
    use super::{Keyed as _, Ordered as _};

    /// Every order of five elements, two of them equal by the comparison.
    #[test]
    fn as_the_standard_library_sorts() {
        let all = [(1, 'a'), (0, 'b'), (1, 'c'), (2, 'd'), (0, 'e')];
        for code in 0..5usize.pow(5) {
            let mut ours: Vec<(u8, char)> = (0..5)
                .map(|digit| all[code / 5usize.pow(digit) % 5])
                .collect();
            let mut theirs = ours.clone();
            ours.order_by_key(|one| one.0);
            theirs.sort_by_key(|one| one.0);
            assert_eq!(ours, theirs);
            ours.order();
            theirs.sort();
            assert_eq!(ours, theirs);
            ours.order_by(|a, b| b.1.cmp(&a.1));
            theirs.sort_by_key(|one| std::cmp::Reverse(one.1));
            assert_eq!(ours, theirs);
        }
        <[u8] as super::Ordered<u8>>::order(&mut []);
    }

    #[test]
    fn of_one_key_the_later() {
        let map = [("b", 1), ("a", 2), ("b", 3)].into_iter().into_map();
        assert_eq!(Vec::from_iter(map), [("a", 2), ("b", 3)]);
        let set = [3, 1, 3].into_iter().into_set();
        assert_eq!(Vec::from_iter(set), [1, 3]);
    }
}
