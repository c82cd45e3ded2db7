//! Tests of reading records by those before them: it must make no difference to what is read.

use super::{Alike, Known, MOST_LEARNED, Record, Trouble};

/// Real records of two shapes, and failed ones.
const RECORDS: [&str; 3] = [
    include_str!(
        "../../../../../tests/data/bundles/errors-1-records/aiperf-c8/profile_export.jsonl"
    ),
    include_str!("../../../../../tests/data/bundles/aiperf-older/0.3.0/profile_export.jsonl"),
    include_str!("../../../../../tests/data/bundles/base-1-records/aiperf-c4/profile_export.jsonl"),
];

fn told(read: Result<Record, Trouble>) -> Result<Record, String> {
    read.map_err(|trouble| match trouble {
        Trouble::Stop(stop) => format!("{stop:?}"),
        Trouble::Lacks(field) => field.to_owned(),
        Trouble::Wrong {
            field,
            found,
            expected,
        } => format!("{field} {found} {expected}"),
    })
}

#[test]
fn real_records_are_read_as_they_are_alone() {
    for records in RECORDS {
        let mut alike = Alike::default();
        for line in records.lines() {
            let line = line.as_bytes();
            assert_eq!(told(alike.parse(line)), told(Record::parse(line)));
        }
        let good = records.lines().filter(|line| !line.contains("\"code\""));
        let learned = alike.learned;
        assert!(
            (1..=5).contains(&learned) && learned < good.count() / 3,
            "{learned} learned"
        );
    }
}

/// Each byte of a record in turn becomes another, is left out, or has another before it.
#[test]
fn a_damaged_record_is_found_out_as_it_is_alone() {
    for records in [RECORDS[1]] {
        let line = records.lines().last().expect("a record").as_bytes();
        let mut alike = Alike::default();
        let whole = told(alike.parse(line)).expect("a record");
        assert_eq!(alike.known.len(), 1);
        alike.learned = MOST_LEARNED;
        let mut differ = 0;
        for at in 0..line.len() {
            for byte in *b"\"\\{}[],: 1x-e.\0\xff" {
                let other = [&line[..at], &[byte], &line[at + 1..]].concat();
                let less = [&line[..at], &line[at + 1..]].concat();
                let more = [&line[..at], &[byte], &line[at..]].concat();
                for changed in [other, less, more] {
                    let alone = told(Record::parse(&changed));
                    let text = String::from_utf8_lossy(&changed);
                    assert_eq!(told(alike.parse(&changed)), alone, "{text}");
                    differ += usize::from(alone.as_ref() != Ok(&whole));
                }
            }
        }
        assert!(differ > line.len(), "{differ}");
    }
}

#[test]
fn what_a_value_may_be_is_asked_of_each_record() {
    let line = |credit: &str, ttft: &str, error: &str, extra: &str| {
        format!(
            r#"{{"metadata":{{"benchmark_phase":"profiling","credit_issued_ns":{credit},"request_start_ns":2,"request_end_ns":3}},"metrics":{{"time_to_first_token":{ttft},"other":{extra}}},"error":{error}}}"#
        )
    };
    let (value, list) = (
        r#"{"value":1.5,"unit":"ms"}"#,
        r#"{"value":[1,2],"unit":"ms"}"#,
    );
    let credits = [
        "1",
        "null",
        "-1",
        "1.5",
        "nullx",
        "99999999999999999999",
        "\"1\"",
    ];
    let metrics = [
        value,
        "null",
        r#"{"value":null,"unit":"ms"}"#,
        r#"{"value":-1.5,"unit":"ms"}"#,
        r#"{"value":NaN,"unit":"ms"}"#,
        r#"{"value":1.5,"unit":"s"}"#,
        r#"{"value":1.5}"#,
        r#"{"value":null}"#,
        r#"{"value":1.5,"unit":"ms","value":2.5}"#,
        r#"{"value":"1.5","unit":"ms"}"#,
        r#"{"value":1{5,"unit":"ms"}"#,
    ];
    let errors = ["null", "1", r#"{"code":1,"message":"}\""}"#, r#""text""#];
    let extras = [list, "null", "[[1],[2]]", r#"["a]","b"]"#, r#"{"a":"\"}"}"#];
    let mut lines = Vec::new();
    for credit in credits {
        for metric in metrics {
            for error in errors {
                for extra in extras {
                    lines.push(line(credit, metric, error, extra));
                }
            }
        }
    }
    for first in lines.iter().step_by(7) {
        let Ok(record) = Record::parse(first.as_bytes()) else {
            continue;
        };
        for second in lines.iter().step_by(3) {
            let mut alike = Alike::default();
            alike
                .known
                .extend(Known::learn(first.as_bytes(), &record).filter(|_| !record.failed));
            assert_eq!(
                told(alike.parse(second.as_bytes())),
                told(Record::parse(second.as_bytes())),
                "after {first}: {second}"
            );
        }
    }
}

#[test]
fn learning_ends_where_no_record_is_as_another() {
    let mut alike = Alike::default();
    for at in 0..1_000 {
        let line = format!(
            r#"{{"metadata":{{"k{at}":1,"benchmark_phase":"profiling","request_start_ns":2,"request_end_ns":3}},"metrics":{{}}}}"#
        );
        assert!(alike.parse(line.as_bytes()).is_ok());
    }
    assert_eq!((alike.known.len(), alike.learned), (4, 64));
}
