//! zymtrace responses. The layout is ClickHouse's `FORMAT JSON` as its documentation shows it (tabs,
//! `meta`, `data`, `rows`, `rows_before_limit_at_least`, `statistics`; 64-bit integers quoted), with the
//! columns `kernel` or `func_name`, `py_file`, `pct` and `total_samples` of the zymtrace bundles.

mod support;

use perfbridge_guest::fault::Code;
use perfbridge_guest::files::MemoryTree;
use perfbridge_guest::profile::{Resolved, resolve};
use perfbridge_guest::sources::read_profile;
use sha2::{Digest, Sha256};
use support::{answer, bundle, close, findings};

fn read(files: &[(&str, &str)]) -> Resolved {
    let tree = MemoryTree::new(files.iter().map(|(path, text)| (*path, text.as_bytes())));
    resolve(&read_profile(&tree).expect("readable"))
}

fn refused(files: &[(&str, &str)]) -> (Code, String, String) {
    let tree = MemoryTree::new(files.iter().map(|(path, text)| (*path, text.as_bytes())));
    let fault = read_profile(&tree).expect_err("refused");
    (fault.code, fault.place.unwrap_or_default(), fault.message)
}

fn gpu() -> String {
    answer(
        &["kernel", "total_samples"],
        &[
            "\"kernel\": \"bmm_Bfloat16_E4m3E4m3_Fp32\", \"total_samples\": \"450\"",
            "\"kernel\": \"void flashinfer::trtllm_allreduce_fusion::allreduce_fusion_kernel_oneshot_lamport<>\", \"total_samples\": 300",
            "\"kernel\": \"moe::dev::routing::routingMainKernel\", \"total_samples\": \"150\"",
            "\"kernel\": \"nvjet_tst_64x8\", \"total_samples\": \"100\"",
        ],
    )
}

#[test]
fn samples_become_shares_by_class() {
    let found = read(&[("zymtrace-bundles/r1/response.json", &gpu())]);
    // 450, 300, 150 and 100 of 1000 samples.
    assert_eq!(
        found.kernel_class_gpu_pct,
        Some(vec![
            ("fp8_bmm".to_owned(), 45.0),
            ("tp_all_reduce".to_owned(), 30.0),
            ("moe_routing_finalize".to_owned(), 15.0),
            ("nvjet_tst_64x8".to_owned(), 10.0)
        ])
    );
    assert_eq!(found.gpu_files, ["zymtrace-bundles/r1/response.json"]);
}

#[test]
fn percentages_of_the_query_are_kept_when_it_left_rows_out() {
    let text = answer(
        &["func_name", "pct", "total_samples"],
        &[
            "\"func_name\": \"fmhaSm100fKernel_Q\", \"pct\": 40.5, \"total_samples\": \"81\"",
            "\"func_name\": \"per_token_group_quant_8bit_kernel<>\", \"pct\": \"10\", \"total_samples\": \"20\"",
        ],
    );
    let limited = text.replace(
        "\"rows\": 2,",
        "\"rows\": 2,\n\n\t\"rows_before_limit_at_least\": 90,",
    );
    let found = read(&[("response.json", &limited)]);
    assert_eq!(
        found.kernel_class_gpu_pct,
        Some(vec![
            ("mla_attention".to_owned(), 40.5),
            ("per_token_group_quant".to_owned(), 10.0)
        ])
    );
    assert_eq!(found.findings, []);
    let samples = gpu().replace(
        "\"rows\": 4,",
        "\"rows\": 4, \"rows_before_limit_at_least\": \"90\",",
    );
    assert_eq!(
        findings(
            &read(&[("response.json", &samples)]).findings,
            "PROFILE_LIMITED"
        ),
        [
            "the query had a LIMIT and left rows out, so the shares are of the listed rows only; add a column `pct` or drop the LIMIT"
        ]
    );
}

fn cpu() -> String {
    let row = |file: &str, function: &str, samples: u32| {
        format!(
            "\"py_file\": \"{file}\", \"func_name\": \"{function}\", \"total_samples\": \"{samples}\""
        )
    };
    let broadcast =
        "/usr/lib/python3.12/site-packages/vllm/distributed/device_communicators/shm_broadcast.py";
    let rows = [
        row(broadcast, "acquire_read", 30),
        row(broadcast, "SpinTimer.wait", 5),
        row(broadcast, "enqueue", 7),
        row("vllm\\/distributed\\/utils.py", "sched_yield", 15),
        row("vllm/utils.py", "cdiv", 3),
        "\"py_file\": null, \"func_name\": null, \"total_samples\": 40".to_owned(),
    ];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    answer(&["py_file", "func_name", "total_samples"], &rows)
}

#[test]
fn spin_poll_is_the_listed_functions_over_all_samples() {
    // 30 + 5 + 15 of 100; `enqueue` and other functions of a `utils.py` do not poll.
    let found = read(&[("response.json", &cpu())]);
    close(found.cpu_spinpoll_pct, 50.0);
    assert_eq!(found.cpu_files, ["response.json"]);
    assert_eq!(found.kernel_class_gpu_pct, None);
    assert_eq!(
        found.gpu_reason.as_deref(),
        Some("no GPU profile was given")
    );
    let joined = answer(
        &["py_file", "pct"],
        &[
            "\"py_file\": \"utils.py::sched_yield\", \"pct\": 12.5",
            "\"py_file\": \"a.py::f\", \"pct\": 80",
        ],
    );
    assert_eq!(
        read(&[("response.json", &joined)]).cpu_spinpoll_pct,
        Some(12.5)
    );
}

#[test]
fn the_query_tells_gpu_from_cpu_and_the_columns_do_without_it() {
    let both = read(&[("a/response.json", &gpu()), ("b/response.json", &cpu())]);
    assert_eq!(both.gpu_files, ["a/response.json"]);
    assert_eq!(both.cpu_files, ["b/response.json"]);
    // The GPU rows may bear a Python file; the query says what they are.
    let gpu = gpu().replace(
        "\"name\": \"total_samples\"",
        "\"name\": \"py_file\"}, {\"name\": \"total_samples\"",
    );
    let sql = "SELECT ...\nWHERE pod_name LIKE 'x%'\n  AND event_kind = 'cuda' AND timestamp >= 'on_cpu'\n";
    let found = read(&[("response.json", &gpu), ("query.sql", sql)]);
    assert_eq!(found.gpu_files, ["response.json"]);
    let listed = "WHERE event_kind IN ('on_cpu')";
    assert!(
        read(&[("response.json", &cpu()), ("query.sql", listed)])
            .cpu_spinpoll_pct
            .is_some()
    );
    let off = read(&[
        ("response.json", &self::gpu()),
        ("query.sql", "WHERE event_kind = 'off_cpu'"),
    ]);
    assert_eq!(off.kernel_class_gpu_pct, None);
    assert_eq!(
        findings(&off.findings, "PROFILE_NOT_USED"),
        ["the query asks for an event kind other than `cuda` and `on_cpu`"]
    );
}

#[test]
fn several_responses_are_added_up_unless_they_hold_percentages_only() {
    let small = answer(
        &["kernel", "total_samples"],
        &["\"kernel\": \"nvjet_tst_64x8\", \"total_samples\": 1000"],
    );
    let found = read(&[("a/response.json", &gpu()), ("b/response.json", &small)]);
    let classes = found.kernel_class_gpu_pct.expect("classes");
    assert_eq!(classes[0], ("nvjet_tst_64x8".to_owned(), 55.0));
    let percent = answer(&["kernel", "pct"], &["\"kernel\": \"a\", \"pct\": 90"]);
    let two = read(&[("a/response.json", &percent), ("b/response.json", &percent)]);
    assert_eq!(
        two.gpu_reason.as_deref(),
        Some(
            "2 GPU profiles hold percentages only, and percentages of different wholes cannot be added; keep one of them"
        )
    );
    let nsys = "Time (%),Total Time (ns),Instances,Name\n100.0,10,1,a\n";
    let mixed = read(&[("a/response.json", &percent), ("b/x.csv", nsys)]);
    assert_eq!(mixed.gpu_files, ["b/x.csv"]);
    assert_eq!(
        findings(&mixed.findings, "PROFILE_NOT_USED"),
        [
            "another profile of the same run measures more exactly and was used: times before samples before percentages"
        ]
    );
}

#[test]
fn checksums_are_verified_whatever_path_they_were_made_with() {
    let hex = |text: &str| -> String {
        Sha256::digest(text)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    };
    let (response, sql) = (gpu(), "event_kind = 'cuda'");
    let sums = format!(
        "{}  /bundle/r1/query.sql\n{} */bundle/r1/response.json\n\n",
        hex(sql),
        hex(&response).to_uppercase()
    );
    let files = [
        ("r/response.json", response.as_str()),
        ("r/query.sql", sql),
        ("r/sha256sums.txt", &sums),
    ];
    assert!(read(&files).kernel_class_gpu_pct.is_some());

    let edited = response.replace("450", "451");
    let (code, place, message) =
        refused(&[("r/response.json", &edited), ("r/sha256sums.txt", &sums)]);
    assert_eq!(
        (code, place.as_str()),
        (Code::Damaged, "r/sha256sums.txt:2")
    );
    let expected = format!(
        "found response.json with the SHA-256 {}; expected {}. The file was changed after it was captured: copy the bundle again",
        hex(&edited),
        hex(&response).to_uppercase()
    );
    assert_eq!(message, expected);
    let (code, place, _) = refused(&[
        ("r/response.json", &response),
        ("r/query.sql", "x"),
        ("r/sha256sums.txt", &sums),
    ]);
    assert_eq!(
        (code, place.as_str()),
        (Code::Damaged, "r/sha256sums.txt:1")
    );
    let (_, place, message) = refused(&[
        ("response.json", &response),
        ("sha256sums.txt", "abc  response.json\n"),
    ]);
    assert_eq!(place, "sha256sums.txt:1");
    assert_eq!(
        message,
        "found a line that is no checksum; expected 64 hexadecimal digits, two spaces and a file name"
    );
}

#[test]
fn wrong_responses_are_refused() {
    let one = |text: &str| refused(&[("response.json", text)]);
    let is = |text: &str, code: Code, place: &str, message: &str| {
        assert_eq!(one(text), (code, place.to_owned(), message.to_owned()));
    };
    let row = |pct: &str| {
        answer(
            &["kernel", "pct"],
            &[
                "\"kernel\": \"a\", \"pct\": 10",
                &format!("\"kernel\": \"b\", \"pct\": {pct}"),
            ],
        )
    };
    // The first row stands on line 16, after ten lines of `meta`.
    is(
        &row("-1"),
        Code::BadValue,
        "response.json:17: data[1].pct",
        "found -1; expected a number that is not negative",
    );
    is(
        &row("\"nan\""),
        Code::BadValue,
        "response.json:17: data[1].pct",
        "found \\\"nan\\\"; expected a number that is not negative",
    );
    is(
        &row("null"),
        Code::BadValue,
        "response.json:17: data[1].pct",
        "found null; expected a number that is not negative",
    );
    is(
        &row("91"),
        Code::BadValue,
        "response.json:17: data[1].pct",
        "found percentages that add up to 101.0; expected at most 100. The rows are no parts of one whole",
    );
    is(
        &row("5").replace("\"rows\": 2", "\"rows\": 3"),
        Code::Damaged,
        "response.json:20: rows",
        "found 3, and 2 rows in `data`; expected the same. The file was cut or edited",
    );
    is(
        &row("5").replace("\"kernel\": \"b\"", "\"kernel\": 7"),
        Code::Damaged,
        "response.json:17: data[1].kernel",
        "found a number; expected text",
    );
    is(
        &row("5").replace("\"kernel\": \"b\", ", ""),
        Code::Damaged,
        "response.json:17: data[1].kernel",
        "found no such column; expected text",
    );
    is(
        "{\"a\": 1}",
        Code::NotUnderstood,
        "response.json: meta",
        "found no such field; expected the answer of ClickHouse, `FORMAT JSON`, with `meta`, `data` and `rows`",
    );
    is(
        "{\"meta\": [], \"data\": 4}",
        Code::NotUnderstood,
        "response.json:1: data",
        "found a number; expected the answer of ClickHouse, `FORMAT JSON`, with `meta`, `data` and `rows`",
    );
    is(
        "{\"meta\": [], \"data\": [4]}",
        Code::NotUnderstood,
        "response.json:1: data",
        "found a row that is no object; expected the answer of ClickHouse, `FORMAT JSON`, with `meta`, `data` and `rows`",
    );
    is(
        "{\"meta\": [{\"name\": \"kernel\"}], \"data\": []}",
        Code::NotUnderstood,
        "response.json:1: meta",
        "found the columns kernel; expected `pct` or `total_samples`",
    );
    is(
        "{\"meta\": [{\"name\": \"pct\"}], \"data\": [{\"pct\": 1}]}",
        Code::NotUnderstood,
        "response.json:1: meta",
        "found the columns pct; expected `kernel` or `func_name`, the name of the kernel",
    );
    is(
        "{\"meta\": [{\"name\": \"pct\"}, {\"name\": \"py_file\"}], \"data\": [{\"pct\": 1, \"py_file\": \"a.py\"}]}",
        Code::NotUnderstood,
        "response.json:1: meta",
        "found the columns pct, py_file; expected `func_name`, the function of the sample",
    );
    is(
        "{\"exception\": \"Code: 241. DB::Exception: Memory limit exceeded\"}",
        Code::Damaged,
        "response.json:1: exception",
        "found that the query failed: Code: 241. DB::Exception: Memory limit exceeded; expected its whole answer. Run the query again",
    );
    let cpu_query = refused(&[
        ("response.json", &gpu()),
        ("query.sql", "event_kind = 'on_cpu'"),
    ]);
    assert_eq!(
        cpu_query.2,
        "found the columns kernel, total_samples; expected `py_file`, the Python file of the sample"
    );
}

#[test]
fn empty_and_foreign_answers_are_said() {
    let empty = read(&[("response.json", &answer(&["kernel", "pct"], &[]))]);
    assert_eq!(
        empty.gpu_reason.as_deref(),
        Some("no GPU profile was given")
    );
    assert_eq!(
        findings(&empty.findings, "PROFILE_EMPTY"),
        [
            "the query found no rows: the profiler had not delivered yet, or pod, window or event kind do not match. Query again"
        ]
    );
    let foreign = read(&[("response.json", "{\"status\": \"success\", \"data\": {}}")]);
    assert_eq!(
        findings(&foreign.findings, "PROFILE_NOT_USED"),
        ["the file is an answer of the Prometheus HTTP API and no profile"]
    );
    let zero = answer(
        &["py_file", "func_name", "total_samples"],
        &["\"py_file\": \"a.py\", \"func_name\": \"f\", \"total_samples\": 0"],
    );
    assert_eq!(
        read(&[("response.json", &zero)]).cpu_reason.as_deref(),
        Some("the profile holds no CPU samples")
    );
}

#[test]
fn a_cut_answer_is_refused_and_one_in_a_bundle_is_found() {
    let text = gpu();
    let text = text.trim_end();
    for end in 1..text.len() {
        let (code, _, _) = refused(&[("response.json", &text[..end])]);
        assert_eq!(code, Code::Damaged, "at byte {end}");
    }
    let run = bundle(&[("zymtrace/response.json", text)]).expect("readable");
    assert!(resolve(&run.profile).kernel_class_gpu_pct.is_some());
}
