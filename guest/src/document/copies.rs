//! Whether two runs are one: by their numbers, where nothing that tells runs apart is known of both.

use super::{Document, Numbers, Origins};
use crate::measure::{Metric, Number, Place, Quantity};
use crate::run::Origin;
use crate::stats::clock::Start;

/// So few numbers may be equal by chance, for instance where they were written by hand.
const FEWEST_EQUAL: usize = 3;
/// So few numbers of one place may be equal by chance.
const FEWEST_AT_A_PLACE: usize = 5;

/// A number tells of a copy where a unit of its last digit is at most this share of it. Repeats of one configuration
/// differ by 0.2 % and more in most numbers: that one of them agrees within half such a unit happens once in five times
/// at the most, that five do, and none differs, not once in a thousand.
const TELLING: f64 = 1e-3;
/// So many numbers must tell of a copy that was rounded.
const FEWEST_TELLING: usize = 5;

/// Means that were summed in another order differ in the last of their 16 digits.
const SUMMED: f64 = 1e-12;
/// The throughput of request records, which do not hold how long the phase was, is off by up to 2.3 % on real runs.
const NEAR: f64 = 0.03;
/// Seconds between the start of a phase, which an export states, and its first request, which records do: 17 ms at most
/// on real runs.
const AT_ONCE: f64 = 0.1;

/// Where two runs have the same numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Copied {
    /// The place; `None` is wherever both have a number.
    pub place: Option<Place>,
    /// Whether they agree in every digit; else in those that both have.
    pub exact: bool,
}

/// How the numbers of two runs compare.
#[derive(Default)]
struct Compared {
    /// Throughput and latencies that are equal.
    equal: usize,
    /// Throughput and latencies that are not.
    other: usize,
    /// Numbers that agree after rounding to the digits that both have.
    agree: usize,
    /// Those of them that were rounded on one side and have digits enough: what is equal may have been written by hand.
    rounded: usize,
    /// Numbers that do not agree.
    differ: usize,
}

impl Compared {
    fn new(ours: &Numbers, theirs: &Numbers, place: Option<Place>) -> Self {
        let mut compared = Compared::default();
        let here = |number: &&Number| place.is_none_or(|place| number.place == place);
        for number in ours
            .keys()
            .filter(here)
            .filter(|number| is_measured(number))
        {
            let (a, Some(b)) = (ours[number], theirs.get(number).copied()) else {
                continue;
            };
            if is_judged(number) {
                let count = if a == b {
                    &mut compared.equal
                } else {
                    &mut compared.other
                };
                *count += 1;
            }
            if a == b {
                compared.agree += 1;
                continue;
            }
            let of_all = number.name.is(Quantity::Throughput);
            let unit = unit(a).max(unit(b));
            let (apart, size) = ((a - b).abs(), a.max(b));
            if apart <= 0.5 * unit + SUMMED * size {
                compared.agree += 1;
                let tells = unit <= TELLING * size && apart > SUMMED * size;
                compared.rounded += usize::from(tells);
            } else if !of_all || apart > NEAR * size {
                compared.differ += 1;
            }
            // Honest runs end here, mostly at the first number: no more of them makes a copy.
            if compared.other > 0 && compared.differ > 0 {
                break;
            }
        }
        compared
    }

    fn is_exact(&self, fewest: usize) -> bool {
        self.other == 0 && self.equal >= fewest
    }

    fn is_rounded(&self) -> bool {
        self.differ == 0 && self.rounded >= FEWEST_TELLING
    }
}

fn is_judged(number: &Number) -> bool {
    number.name.metric().is_some_and(Metric::is_performance)
}

/// Throughput and latencies, with the means that are not judged.
fn is_measured(number: &Number) -> bool {
    let means = [
        Quantity::TtftMean,
        Quantity::ItlMean,
        Quantity::RequestLatencyMean,
    ];
    is_judged(number) || means.iter().any(|mean| number.name.is(*mean))
}

/// A unit of the last digit with which a number is written. A 0 at the end of what was printed is lost.
fn unit(value: f64) -> f64 {
    let text = value.to_string();
    let decimals = text.split_once('.').map_or(0, |(_, part)| part.len());
    10_f64.powi(-i32::try_from(decimals).unwrap_or_default())
}

/// Where a run of each of two documents has the numbers of the other.
pub(crate) fn between(a: &Document, b: &Document) -> Option<Copied> {
    let (ours, theirs) = (runs(a), runs(b));
    let mut pairs = ours
        .iter()
        .flat_map(|our| theirs.iter().map(move |their| [our, their]));
    pairs.find_map(copied)
}

/// Whether a run of each of two documents has the numbers of the other wherever both have one. Few digits say nothing
/// here: two entries of a history may be given by hand.
pub(super) fn is_copy(a: &Document, b: &Document) -> bool {
    let (ours, theirs) = (a.runs(), b.runs());
    let is = |our: &Numbers, their: &Numbers| Compared::new(our, their, None).is_rounded();
    ours.iter()
        .any(|our| theirs.iter().any(|their| is(our, their)))
}

/// Where two of the runs that a document is made of have the same numbers.
pub(crate) fn within(document: &Document) -> Option<Copied> {
    let runs = runs(document);
    let mut pairs = runs.iter().enumerate().flat_map(|(at, other)| {
        let earlier = &runs[..at];
        earlier.iter().map(move |one| [one, other])
    });
    pairs.find_map(copied)
}

/// One run: its numbers, and what it is known by.
type One<'a> = (Numbers, Option<&'a Origins>);

fn runs(document: &Document) -> Vec<One<'_>> {
    let all = document.runs().into_owned().into_iter().enumerate();
    all.map(|(at, run)| (run, document.origins.get(at)))
        .collect()
}

/// At one place, where the tool gave both a name, although another one, or the results were read from two files; else
/// wherever both have a number.
fn copied([ours, theirs]: [&One<'_>; 2]) -> Option<Copied> {
    let at_a_place = || {
        let mut places = ours.1?.places.iter();
        places.find_map(|(place, origin)| {
            let other = theirs.1?.places.get(place)?;
            let compared = Compared::new(&ours.0, &theirs.0, Some(*place));
            let exact = compared.is_exact(FEWEST_AT_A_PLACE) && is_named_otherwise(origin, other);
            let is_copy = exact || compared.is_rounded() && is_of_another_file(origin, other);
            is_copy.then_some(Copied {
                place: Some(*place),
                exact,
            })
        })
    };
    at_a_place().or_else(|| {
        let compared = Compared::new(&ours.0, &theirs.0, None);
        let exact = compared.is_exact(FEWEST_EQUAL);
        (exact || compared.is_rounded()).then_some(Copied { place: None, exact })
    })
}

fn is_of_another_file(a: &Origin, b: &Origin) -> bool {
    is_named_otherwise(a, b) || a.sha256.is_some() && b.sha256.is_some() && a.sha256 != b.sha256
}

fn is_named_otherwise(a: &Origin, b: &Origin) -> bool {
    a.id.is_some() && b.id.is_some() && a.id != b.id
}

/// Whether a run of one document is also in the other at a place, by its name, its files or its start.
pub(crate) fn share_a_run(a: &Document, b: &Document, place: Place) -> bool {
    a.shares_run(b, place) || began_together(a, b, place)
}

/// Whether a run of each of two documents began at one moment at a place and has the numbers of the other there: an
/// export and the request records of one run. Two servers may be started together, and then their numbers differ.
fn began_together(a: &Document, b: &Document, place: Place) -> bool {
    let ours = a.origins.iter().enumerate();
    let mut pairs =
        ours.flat_map(|our| b.origins.iter().enumerate().map(move |their| (our, their)));
    pairs.any(|((at, our), (of, their))| {
        let both = our.places.get(&place).zip(their.places.get(&place));
        let is_one_moment = both.is_some_and(|(our, their)| {
            let start = |origin: &Origin| Start::parse(origin.start.as_deref()?);
            let starts = start(our).zip(start(their));
            let is_near = starts.is_some_and(|(began, other)| began.is_near(&other, AT_ONCE));
            is_near && !is_named_otherwise(our, their)
        });
        is_one_moment && {
            let (ours, theirs) = (a.runs(), b.runs());
            let both = ours.get(at).zip(theirs.get(of));
            let compared = both.map(|(our, their)| Compared::new(our, their, Some(place)));
            compared.is_some_and(|it| it.differ == 0 && it.agree >= FEWEST_EQUAL)
        }
    })
}

/// Two runs never agree in every digit of every level: that is a copy, of which something else was touched.
pub(super) fn same_numbers(a: &Document, b: &Document) -> bool {
    let judged = |run: &Document| -> Numbers {
        let all = run.numbers().into_iter();
        all.filter(|(number, _)| is_judged(number)).collect()
    };
    let numbers = judged(a);
    !numbers.is_empty() && numbers == judged(b)
}
