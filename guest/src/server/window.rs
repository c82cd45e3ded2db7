//! The hit rate before the run and between the pre and the post scrape.

use super::catalog::{GENERATED, HIT_RATES, HitRate, engine};
use super::rate;
use super::resolved::{Conditions, Measured, Resolved};
use super::restart;
use super::select::{Chosen, Pair, pairs};
use super::sums::{self, Scale};
use crate::finding::{Finding, FindingCode};
use crate::order::Ordered as _;
use crate::run::server::{Family, Scrape, ServerMetrics};
use std::collections::BTreeMap;

/// Why what the server counted between the scrapes is not of this run alone.
pub(super) struct Spoiled<'a> {
    /// A restart that the exports show.
    pub(super) reset: Option<&'a str>,
    /// Most of the load was not the client's.
    pub(super) by_other_traffic: bool,
}

/// Fills in the two hit rates and their definition.
pub(super) fn hit_rates(
    observed: &ServerMetrics,
    chosen: &Chosen,
    conditions: &Conditions,
    scale: &Scale,
    spoiled: &Spoiled<'_>,
    resolved: &mut Resolved,
) {
    let pairs = match pairs(observed, chosen) {
        Ok(pairs) => pairs,
        Err(reason) => {
            resolved.hit_rate_pre = Measured::missing(&*reason);
            resolved.hit_rate_post = Measured::missing(reason);
            return;
        }
    };
    if let Some(reason) = restart::foreign(observed, &pairs, chosen) {
        resolved.hit_rate_pre = Measured::missing(&*reason);
        resolved.hit_rate_post = Measured::missing(&*reason);
        let found = Finding::new(FindingCode::ScrapesDiffer, None, reason);
        resolved.findings.push(found);
        return;
    }
    let Some(way) = way(&pairs, chosen) else {
        let none = if conditions.prefix_caching_off && !pairs.is_empty() {
            resolved.findings.push(prefix_cache_off(
                "no scrape counts lookups in the prefix cache, and the server's configuration says that prefix caching is off",
            ));
            Measured::missing("prefix caching is off")
        } else {
            Measured::missing(nothing(observed, &pairs))
        };
        resolved.hit_rate_pre = none.clone();
        resolved.hit_rate_post = none;
        restart::check(observed, &pairs, chosen, &mut resolved.findings);
        return;
    };
    let broken = restart::check(observed, &pairs, chosen, &mut resolved.findings);
    let window = Window {
        pre: pairs.iter().filter_map(|pair| pair.pre).collect(),
        post: pairs.iter().filter_map(|pair| pair.post).collect(),
        chosen,
    };
    resolved.hit_rate_definition = Some(window.definition(way).to_owned());
    match way {
        HitRate::Gauge(family) => {
            let caching_off = &mut false;
            resolved.hit_rate_pre = window.gauge(&window.pre, *family, scale, "pre", caching_off);
            resolved.hit_rate_post =
                window.gauge(&window.post, *family, scale, "post", caching_off);
            if *caching_off {
                resolved.findings.push(prefix_cache_off(
                    "the server's hit rate gauge is -1, which means that prefix caching is off",
                ));
            }
        }
        HitRate::Ratio { .. } => {
            resolved.hit_rate_pre = window.lifetime(way);
            let broken = broken.or(spoiled.reset.map(str::to_owned));
            resolved.hit_rate_post = match broken {
                Some(reason) => Measured::missing(reason),
                None if spoiled.by_other_traffic => Measured::missing(
                    "most of what the server did between the scrapes was not of this run",
                ),
                None if !complete(&pairs) => Measured::missing(observed.missing(&halves(&pairs))),
                None => match window.short(conditions) {
                    Some(finding) => {
                        let missing = Measured::missing(finding.message.clone());
                        resolved.findings.push(finding);
                        missing
                    }
                    None => window.increase(way, conditions, &mut resolved.findings),
                },
            };
        }
    }
}

/// The first way whose metrics are there: its counters, or its gauge. SGLang shows its counter of hits from the first
/// hit on; of the others one without the other is a scrape that was filtered or edited.
fn way(pairs: &[Pair<'_>], chosen: &Chosen) -> Option<&'static HitRate> {
    let present = |family: Family| {
        pairs
            .iter()
            .flat_map(|pair| [pair.pre, pair.post])
            .flatten()
            .any(|scrape| sums::of(scrape, family, chosen).next().is_some())
    };
    HIT_RATES.iter().find(|way| match way {
        HitRate::Ratio { hits, queries, .. } => {
            present(*queries) && (present(*hits) || *hits == Family::SglangCached)
        }
        HitRate::Gauge(family) => present(*family),
    })
}

fn complete(pairs: &[Pair<'_>]) -> bool {
    pairs
        .iter()
        .all(|pair| pair.pre.is_some() && pair.post.is_some())
}

fn halves(pairs: &[Pair<'_>]) -> String {
    let lonely = |scrape: Option<&Scrape>, other: &str| {
        scrape.map(|scrape| format!("{} has no {other} scrape beside it", scrape.file))
    };
    let list: Vec<String> = pairs
        .iter()
        .filter_map(|pair| match (pair.pre, pair.post) {
            (pre, None) => lonely(pre, "post"),
            (None, post) => lonely(post, "pre"),
            _ => None,
        })
        .collect();
    format!(
        "{}; an increase needs a scrape before and one after the run",
        list.join(", ")
    )
}

fn nothing(observed: &ServerMetrics, pairs: &[Pair<'_>]) -> String {
    observed.missing(if pairs.is_empty() {
        "the bundle holds no scrape from before or after the run; give `<model>-metrics-pre.prom` and `<model>-metrics-post.prom`"
    } else {
        "neither scrape holds a prefix cache metric of vLLM, SGLang or TensorRT-LLM"
    })
}

fn prefix_cache_off(message: &str) -> Finding {
    Finding::new(
        FindingCode::PrefixCacheOff,
        "server_metrics_delta.prefix_cache_hit_rate_post".to_owned(),
        message,
    )
}

/// What the cache held when the run began: `cold` or `warm`, and the scrape that says so.
pub(super) fn regime(observed: &ServerMetrics, chosen: &Chosen) -> Option<(&'static str, String)> {
    let pairs = pairs(observed, chosen).ok()?;
    let swapped = pairs.iter().any(|pair| restart::is_swapped(pair, chosen));
    if swapped || restart::foreign(observed, &pairs, chosen).is_some() {
        return None;
    }
    let pre: Vec<&Scrape> = pairs.iter().filter_map(|pair| pair.pre).collect();
    let of_engine =
        |scrape: &&&Scrape| scrape.series.iter().any(|one| engine(one.family).is_some());
    let first = pre.iter().find(of_engine)?;
    let way = way(&pairs, chosen)?;
    let window = Window {
        pre: Vec::new(),
        post: Vec::new(),
        chosen,
    };
    if let HitRate::Gauge(family) = way {
        // A rate says that there were lookups; its absence says nothing.
        let rates = pre
            .iter()
            .flat_map(|scrape| sums::of(scrape, *family, chosen));
        let warm = rates.map(|one| one.value).any(|rate| rate > 0.0);
        return warm.then(|| ("warm", first.file.clone()));
    }
    // Scrapes before each level are of one server, whose first one counts.
    let mut of_servers: BTreeMap<String, f64> = BTreeMap::new();
    for scrape in &pre {
        let (_, lookups) = window.counts(&[scrape], way);
        let start = sums::of(scrape, Family::ProcessStart, chosen).next();
        let server = start.map_or_else(|| scrape.file.clone(), |one| format!("{:.0}", one.value));
        let least = of_servers.entry(server).or_insert(lookups);
        *least = least.min(lookups);
    }
    let cold = of_servers.values().all(|lookups| *lookups == 0.0);
    let regime = if cold { "cold" } else { "warm" };
    Some((regime, first.file.clone()))
}

struct Window<'a> {
    pre: Vec<&'a Scrape>,
    post: Vec<&'a Scrape>,
    chosen: &'a Chosen,
}

impl Window<'_> {
    fn definition(&self, way: &HitRate) -> &'static str {
        match way {
            HitRate::Gauge(_) => "gauge",
            // vLLM kept the name when it went from blocks to tokens; its help text tells.
            HitRate::Ratio {
                hits: Family::VllmGpuHits,
                unit,
                ..
            } => {
                let both = self.pre.iter().chain(&self.post);
                both.filter_map(|scrape| scrape.gpu_prefix_unit)
                    .next()
                    .unwrap_or(unit)
            }
            HitRate::Ratio { unit, .. } => unit,
        }
    }

    /// Hits and lookups of some scrapes, all servers and engines together. A counter that is not there
    /// has not counted yet: vLLM shows none of them before the first request.
    fn counts(&self, scrapes: &[&Scrape], way: &HitRate) -> (f64, f64) {
        let HitRate::Ratio {
            hits,
            queries,
            misses_only,
            ..
        } = way
        else {
            return (0.0, 0.0);
        };
        let total = |family: Family| -> f64 {
            let sums = scrapes
                .iter()
                .filter_map(|scrape| sums::sum(scrape, family, self.chosen));
            // The sum of nothing is -0 in Rust.
            sums.fold(0.0, |sum, one| sum + one)
        };
        let found = total(*hits);
        let looked_up = total(*queries) + if *misses_only { found } else { 0.0 };
        (found, looked_up)
    }

    fn names(&self, way: &HitRate) -> Option<String> {
        let both = || self.post.iter().chain(&self.pre).copied();
        match way {
            HitRate::Gauge(family) => sums::name(both(), *family).map(str::to_owned),
            HitRate::Ratio {
                hits,
                queries,
                misses_only,
                ..
            } => {
                let queries = sums::name(both(), *queries)?;
                let hits = sums::name(both(), *hits).unwrap_or("no hits");
                Some(if *misses_only {
                    format!("{hits} / ({hits} + {queries})")
                } else {
                    format!("{hits} / {queries}")
                })
            }
        }
    }

    fn lifetime(&self, way: &HitRate) -> Measured {
        if self.pre.is_empty() {
            return Measured::missing("the bundle holds no scrape from before the run");
        }
        let (hits, queries) = self.counts(&self.pre, way);
        if queries == 0.0 {
            return Measured::missing(
                "the server had looked nothing up in its prefix cache before the run",
            );
        }
        self.rate(way, hits, queries, &self.pre)
    }

    fn increase(
        &self,
        way: &HitRate,
        conditions: &Conditions,
        findings: &mut Vec<Finding>,
    ) -> Measured {
        let (hits_pre, queries_pre) = self.counts(&self.pre, way);
        let (hits_post, queries_post) = self.counts(&self.post, way);
        let queries = queries_post - queries_pre;
        if queries == 0.0 {
            if conditions.prefix_caching_off {
                let message = "the server looked nothing up in its prefix cache during the run, and its configuration says that prefix caching is off";
                findings.push(prefix_cache_off(message));
                return Measured::missing("prefix caching is off");
            }
            return Measured::missing(
                "the server looked nothing up in its prefix cache during the run: prefix caching is off, or the scrapes are of another server",
            );
        }
        let both: Vec<&Scrape> = self.pre.iter().chain(&self.post).copied().collect();
        self.rate(way, hits_post - hits_pre, queries, &both)
    }

    /// The scrapes enclose the run, so the server must have generated what the client received, warm-up aside.
    fn short(&self, conditions: &Conditions) -> Option<Finding> {
        let received = conditions.received()?;
        let generated = GENERATED.iter().find_map(|family| {
            let sum = |scrapes: &[&Scrape]| -> Option<f64> {
                let sums = scrapes
                    .iter()
                    .filter_map(|scrape| sums::sum(scrape, *family, self.chosen));
                sums.reduce(|sum, one| sum + one)
            };
            // What is not there before the run has not counted yet.
            Some(sum(&self.post)? - sum(&self.pre).unwrap_or(0.0))
        })?;
        rate::is_short(received, generated, conditions.are_recounted()).then(|| {
            Finding::new(
                FindingCode::ServerSamplesShort,
                "server_metrics_delta.prefix_cache_hit_rate_post".to_owned(),
                format!(
                    "the server generated {generated:.0} tokens between the pre and the post scrape, the client received {received:.0}: the scrapes do not enclose the run, or are of a part of the servers"
                ),
            )
        })
    }

    fn rate(&self, way: &HitRate, hits: f64, queries: f64, scrapes: &[&Scrape]) -> Measured {
        let rate = hits / queries;
        if rate > 1.0 {
            return Measured::missing(format!(
                "{hits} hits of {queries} lookups cannot be; the scrape mixes servers or moments"
            ));
        }
        Measured {
            value: Some(rate),
            metric: self.names(way),
            files: files(scrapes),
            reason: None,
        }
    }

    /// The mean over the engines of their own rates.
    fn gauge(
        &self,
        scrapes: &[&Scrape],
        family: Family,
        scale: &Scale,
        moment: &str,
        off: &mut bool,
    ) -> Measured {
        let values: Vec<f64> = scrapes
            .iter()
            .flat_map(|scrape| {
                let series = sums::of(scrape, family, self.chosen);
                sums::per_engine(series.map(|one| (&one.labels, one.value)))
            })
            .collect();
        if values.is_empty() {
            return Measured::missing(format!("the {moment} scrape does not hold the hit rate"));
        }
        let rates: Vec<f64> = values
            .iter()
            .filter_map(|value| scale.fraction(family, *value))
            .collect();
        if rates.is_empty() {
            *off = true;
            return Measured::missing("prefix caching is off: the hit rate gauge is -1");
        }
        Measured {
            value: Some(rates.iter().sum::<f64>() / rates.len() as f64),
            metric: self.names(&HitRate::Gauge(family)),
            files: files(scrapes),
            reason: None,
        }
    }
}

fn files(scrapes: &[&Scrape]) -> Vec<String> {
    let mut files: Vec<String> = scrapes.iter().map(|scrape| scrape.file.clone()).collect();
    files.order();
    files
}
