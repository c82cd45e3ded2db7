//! Names and places: every text of one is read back, and two texts of one are one.

use super::quantity::Stands;
use super::*;

fn place(text: &str) -> Place {
    text.parse()
        .unwrap_or_else(|()| panic!("{text:?} is a place"))
}

#[test]
fn every_form_of_a_place_is_one_place() {
    for (texts, key, printed) in [
        (&["16", "c16", "C16", " 16 "][..], "16", "c16"),
        (&["5/s", "5.0/s", "5 /s", "5e0/s"], "5/s", "5/s"),
        (&["0.8/s", "0.80/s"], "0.8/s", "0.8/s"),
        (&["server"], "server", "server"),
        (&["profile"], "profile", "profile"),
    ] {
        for text in texts {
            assert_eq!(place(text).key(), key, "{text}");
            assert_eq!(place(text).to_string(), printed, "{text}");
        }
    }
    for text in [
        "", "0", "c0", "c", "-1", "1.5", "x", "0/s", "-1/s", "NaN/s", "inf/s", "Server", "16/m",
    ] {
        assert_eq!(text.parse::<Place>(), Err(()), "{text:?}");
    }
}

#[test]
fn levels_come_before_rates_before_the_server_before_the_profile() {
    let mut places = ["profile", "10/s", "server", "9/s", "100", "16"].map(place);
    places.sort();
    let sorted: Vec<String> = places.iter().map(Place::to_string).collect();
    assert_eq!(sorted, ["c16", "c100", "9/s", "10/s", "server", "profile"]);
}

#[test]
fn a_path_says_what_and_where() {
    for (path, name, place) in [
        ("metrics.16.ttft_p50_ms", Name::Of(Quantity::TtftP50), "16"),
        ("metrics.4.requests", Name::Of(Quantity::Requests), "4"),
        (
            "metrics_by_request_rate[0.8].errors",
            Name::Of(Quantity::Errors),
            "0.8/s",
        ),
        (
            "server_metrics_delta.prefix_cache_hit_rate_post",
            Name::Of(Quantity::HitRatePost),
            "server",
        ),
        (
            "kernel_class_gpu_pct.fp8_bmm",
            Name::Class("fp8_bmm".into()),
            "profile",
        ),
        (
            "kernel_class_gpu_pct.a.b",
            Name::Class("a.b".into()),
            "profile",
        ),
        ("cpu_spinpoll_pct", Name::Of(Quantity::SpinPoll), "profile"),
    ] {
        let number = Number::of_path(path);
        assert_eq!((&number.name, number.place.key()), (&name, place.into()));
        assert_eq!(number.path(), path);
    }
}

/// What another version wrote is kept: as a foreign name whose path is the same text.
#[test]
fn a_foreign_path_stays_as_it_is() {
    for path in [
        "metrics.16.of_the_future",
        "metrics.016.ttft_p50_ms",
        "metrics.0.ttft_p50_ms",
        "metrics.16",
        "metrics.16.cpu_spinpoll_pct",
        "metrics_by_request_rate[5.0].ttft_p50_ms",
        "metrics_by_request_rate[x].ttft_p50_ms",
        "server_metrics_delta.of_the_future",
        "server_metrics_delta.ttft_p50_ms",
        "ttft_p50_ms",
        "nothing",
        "",
    ] {
        let number = Number::of_path(path);
        assert!(matches!(number.name, Name::Foreign(_)), "{path}");
        assert_eq!(number.path(), path);
    }
}

#[test]
fn metrics_are_found_by_name_short_name_and_class() {
    for (written, name) in [
        ("tps", "throughput_toks_per_s"),
        ("throughput_toks_per_s", "throughput_toks_per_s"),
        ("hit-rate", "prefix_cache_hit_rate_post"),
        ("kernel_class_gpu_pct", "kernel_class_gpu_pct"),
        ("kernel_class_gpu_pct.x.y", "kernel_class_gpu_pct.x.y"),
        ("error_rate", "error_rate"),
    ] {
        let found = Name::written(written).expect(written);
        assert_eq!(found.to_string(), name);
        assert!(found.metric().is_some());
    }
    for unknown in ["", "kernel_class_gpu_pct.", "isl_mean", "ttft_p50_ms.x"] {
        assert_eq!(Name::written(unknown), None, "{unknown}");
    }
}

/// The names of quantities and the short names of metrics are each one thing.
#[test]
fn no_name_stands_twice() {
    let mut names: Vec<&str> = Quantity::ALL.iter().map(|one| one.name()).collect();
    names.extend(METRICS.iter().filter_map(|metric| metric.short));
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

/// A metric is read where its quantity is written, and the first seven of a cell are those of the specification.
#[test]
fn the_table_follows_the_specification() {
    let of_cells: Vec<&str> = metrics::of_cells().map(Metric::name).collect();
    assert_eq!(
        of_cells,
        [
            "throughput_toks_per_s",
            "ttft_p50_ms",
            "ttft_p95_ms",
            "ttft_p99_ms",
            "itl_p50_ms",
            "tps_per_user",
            "request_latency_p50_ms",
            "goodput_per_s"
        ]
    );
    let made = METRICS.iter().filter(|metric| {
        !matches!(
            metric.quantity.stands(),
            Stands::Cell | Stands::Server | Stands::Class | Stands::Top
        )
    });
    assert_eq!(made.map(Metric::name).collect::<Vec<_>>(), ["error_rate"]);
}

#[test]
fn tolerances_are_written_in_percent_or_points() {
    let of = |name: &str| {
        Name::written(name)
            .and_then(|name| name.metric())
            .expect("a metric")
    };
    for (name, value, text, words) in [
        ("tps", 3.0, "3 %", "3 %"),
        ("hit-rate", 0.02, "2 pt", "2 points"),
        ("error_rate", 0.01, "1 pt", "1 point"),
        ("cpu_spinpoll_pct", 5.0, "5 pt", "5 points"),
        ("itl", 2.5, "2.5 %", "2.5 %"),
    ] {
        assert_eq!(shown::tolerance(of(name), value), text);
        assert_eq!(shown::tolerance_in_words(of(name), value), words);
    }
}
