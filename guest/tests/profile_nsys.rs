//! `nsys stats -r cuda_gpu_kern_sum` in its shapes. The layouts are those that Nsight Systems prints, seen
//! in public logs: CSV and aligned columns of 2023 to 2025 versions, the boxed table of the version that
//! ships with Nsight Compute 2025.1, and `gpukernsum` of 2022.4 with GridXYZ and BlockXYZ. The kernel names
//! are real ones of vLLM on Blackwell; the numbers are chosen so that the shares can be checked by hand.

mod support;

use perfbridge_guest::fault::Code;
use perfbridge_guest::files::MemoryTree;
use perfbridge_guest::profile::{Resolved, resolve};
use perfbridge_guest::sources::read_profile;
use support::{bundle, close, findings};

const FILE: &str = "profiles/report_cuda_gpu_kern_sum.csv";

fn shares(path: &str, text: &str) -> Resolved {
    let observed = read_profile(&MemoryTree::new([(path, text.as_bytes())])).expect("readable");
    resolve(&observed)
}

fn share(found: &Resolved, class: &str) -> Option<f64> {
    let classes = found.kernel_class_gpu_pct.as_ref().expect("classes");
    classes
        .iter()
        .find(|(key, _)| key == class)
        .map(|(_, share)| *share)
}

fn refused(text: impl AsRef<[u8]>, code: Code, place: &str, message: &str) {
    let fault = read_profile(&MemoryTree::new([(FILE, text.as_ref())])).expect_err("refused");
    assert_eq!(fault.message, message);
    assert_eq!(fault.place.as_deref(), Some(place));
    assert_eq!(fault.code, code);
}

const HEAD: &str =
    "Time (%),Total Time (ns),Instances,Avg (ns),Med (ns),Min (ns),Max (ns),StdDev (ns),Name\n";

/// `--format tsv`, in microseconds with the Greek letter, shares with their sign, groups of three between narrow spaces.
#[test]
fn tab_separated_values() {
    let text = format!(
        "{}60.0%\t3\u{202f}000.000\t10\t1\t1\t1\t1\t1\t\"bmm_E4m3_E4m3E4m3_x, y\"\n40.0%\t2\u{202f}000.000\t10\t1\t1\t1\t1\t1\tcopy_kernel\n",
        HEAD.replace(',', "\t").replace("(ns)", "(\u{3bc}s)")
    );
    let found = shares("profiles/report_cuda_gpu_kern_sum.tsv", &text);
    assert_eq!(
        found.kernel_class_gpu_pct,
        Some(vec![
            ("fp8_bmm".to_owned(), 60.0),
            ("copy_kernel".to_owned(), 40.0)
        ])
    );
}

/// The name says what it should be, so that it is not passed over in silence.
#[test]
fn json_of_nsys_is_refused_with_the_form_that_is_read() {
    let text = "[{\"Time (%)\": 100.0, \"Total Time (ns)\": 5, \"Name\": \"copy_kernel\"}]";
    let path = "r_cuda_gpu_kern_sum.json";
    let fault = read_profile(&MemoryTree::new([(path, text.as_bytes())])).expect_err("refused");
    assert_eq!(fault.place.as_deref(), Some(path));
    assert!(
        fault
            .message
            .ends_with("Make it with `nsys stats -r cuda_gpu_kern_sum --format csv`")
    );
}

#[test]
fn csv_between_notices_and_other_reports() {
    let text = format!(
        "\nNOTICE: Existing SQLite export found: report1.sqlite\n        It is assumed file was previously exported from: report1.nsys-rep\n\
         Generating SQLite file report1.sqlite from report1.nsys-rep\n\
         Processing [report1.sqlite] with [/opt/nsight-systems/reports/cuda_gpu_kern_sum.py]... \n\
         ** CUDA GPU Kernel Summary (cuda_gpu_kern_sum):\n{HEAD}\
         50.0,5000,10,500.0,500.0,400,600,1.0,\"void <unnamed>::multimem_all_reduce_kernel<c10::BFloat16, (int)16>(T1 *, unsigned long, unsigned int)\"\n\
         30.0,3000,10,300.0,300.0,200,400,1.0,fmhaSm100fKernel_QkvBfloat16OBfloat16H128PagedKvCausalP16VarSeqQ128Kv128PersistentContext\n\
         20.0,2000,10,200.0,200.0,100,300,1.0,\"void vllm::reshape_and_cache_flash_kernel<__nv_bfloat16, \"\"x\"\">(int)\"\n\n\
         Processing [report1.sqlite] with [/opt/nsight-systems/reports/cuda_api_sum.py]... \n\
         Time (%),Total Time (ns),Num Calls,Avg (ns),Med (ns),Min (ns),Max (ns),StdDev (ns),Name\n\
         100.0,99999,1,99999.0,99999.0,99999,99999,0.0,cudaMemcpyAsync\n"
    );
    let found = shares(FILE, &text);
    // 5000, 3000 and 2000 of 10000 ns; the API report is another table.
    assert_eq!(
        found.kernel_class_gpu_pct,
        Some(vec![
            ("tp_all_reduce".to_owned(), 50.0),
            ("mla_attention".to_owned(), 30.0),
            ("void_vllm_reshape_and_cache_flash_kernel".to_owned(), 20.0)
        ])
    );
    assert_eq!(found.gpu_files, [FILE]);
    assert_eq!(found.cpu_spinpoll_pct, None);
    assert_eq!(
        found.cpu_reason.as_deref(),
        Some("no CPU profile was given")
    );
    assert_eq!(found.findings, []);
}

#[test]
fn aligned_columns_with_thousands_separators() {
    let text = "[5/8] Executing 'cuda_api_sum' stats report\n\n\
 Time (%)  Total Time (ns)  Num Calls   Avg (ns)   Med (ns)  Min (ns)  Max (ns)  StdDev (ns)       Name\n\
 --------  ---------------  ---------  ----------  --------  --------  --------  -----------  ---------------\n\
     80.4       65,259,414    194,192   336,056.1   3,522.0     1,789    29,367      1,665.4  cudaMemcpyAsync\n\n\
[6/8] Executing 'cuda_gpu_kern_sum' stats report\n\n\
 ** CUDA GPU Kernel Summary (cuda_gpu_kern_sum):\n\n\
 Time (%)  Total Time (ns)  Instances  Avg (ns)   Med (ns)   Min (ns)  Max (ns)  StdDev (ns)                  Name                  \n\
 --------  ---------------  ---------  ---------  ---------  --------  --------  -----------  --------------------------------------\n\
     75.0        7,500,000         60  125,000.0  125,000.0   101,862   360,951     59,402.9  bmm_E4m3_E4m3E4m3_Fp32_t128x8x512_s6  \n\
     25.0        2,500,000         30   83,333.3   54,052.0    53,219   462,622     91,597.8  void at::native::elementwise_kernel<(i…\n\n\
[7/8] Executing 'cuda_gpu_mem_time_sum' stats report\n";
    let found = shares("nsys.txt", text);
    assert_eq!(share(&found, "fp8_bmm"), Some(75.0));
    assert_eq!(
        share(&found, "void_at_native_elementwise_kernel"),
        Some(25.0)
    );
    assert_eq!(found.findings, []);
}

#[test]
fn the_boxed_table() {
    let text = " ** CUDA GPU Kernel Summary (cuda_gpu_kern_sum):\n\n\
+----------+-----------------+-----------+----------+--------------------------------------------+\n\
| Time (%) | Total Time (ns) | Instances | Avg (ns) |                    Name                    |\n\
+----------+-----------------+-----------+----------+--------------------------------------------+\n\
|     60.0 |            6000 |    671360 |  79467.3 | nvjet_tst_256x224_64x4_2x2_2cta_h_bz_TNT   |\n\
|     40.0 |            4000 |    549760 |  13295.9 | lambda [](int a) { return a | 1; }(float)  |\n\
+----------+-----------------+-----------+----------+--------------------------------------------+\n";
    let found = shares("stats.md.txt", text);
    assert_eq!(
        share(&found, "nvjet_tst_256x224_64x4_2x2_2cta_h_bz_tnt"),
        Some(60.0)
    );
    assert_eq!(share(&found, "lambda_"), Some(40.0));
}

#[test]
fn one_kernel_in_several_rows_and_the_older_name() {
    let csv = "Time (%),Total Time (ns),Instances,Avg (ns),Med (ns),Min (ns),Max (ns),StdDev (ns),GridXYZ,BlockXYZ,Name\n\
        50.0,500,1,1.0,1.0,1,1,0.0,\" 896    1    1\",\"  32    1    1\",\"mm(float *, int)\"\n\
        25.0,250,1,1.0,1.0,1,1,0.0, 448    1    1,  32    1    1,\"mm(float *, int)\"\n\
        25.0,250,1,1.0,1.0,1,1,0.0,   4    1    1,  32    1    1,\"nn(float *, int)\"\n";
    let found = shares("a_gpukernsum.csv", csv);
    assert_eq!(share(&found, "mm"), Some(75.0));

    let columns = " ** CUDA GPU Kernel Summary (gpukernsum):\n\n\
 Time (%)  Total Time (ms)  Instances  Avg (ms)  Med (ms)  Min (ms)  Max (ms)  StdDev (ms)      GridXYZ          BlockXYZ              Name         \n\
 --------  ---------------  ---------  --------  --------  --------  --------  -----------  ----------------  --------------  ---------------------\n\
     75.0           0.3000          1    0.3000    0.3000    0.3000    0.3000       0.0000  125000    1    1    32    1    1  reduce_kernel(float *)\n\
     25.0           0.1000          1    0.1000    0.1000    0.1000    0.1000       0.0000  3907    1    1      32    1    1  transpose(int *, int) \n";
    let found = shares("a.txt", columns);
    close(share(&found, "reduce_kernel"), 75.0);
    close(share(&found, "transpose"), 25.0);
}

#[test]
fn several_reports_are_added_up_by_time() {
    // Milliseconds and nanoseconds: 1 ms of `a`, 3 000 000 ns of `b`.
    let tree = MemoryTree::new([
        (
            "p0/x.csv",
            "Time (%),Total Time (ms),Instances,Name\n100.0,1.0,1,a\n",
        ),
        (
            "p1/x.csv",
            "Time (%),Total Time (ns),Instances,Name\n100.0,3000000,1,b\n",
        ),
    ]);
    let found = resolve(&read_profile(&tree).expect("readable"));
    close(share(&found, "a"), 25.0);
    close(share(&found, "b"), 75.0);
    assert_eq!(found.gpu_files, ["p0/x.csv", "p1/x.csv"]);
}

#[test]
fn the_report_is_found_inside_a_bundle() {
    let csv = format!("{HEAD}100.0,10,1,1.0,1.0,1,1,0.0,oneshot_lamport\n");
    let run = bundle(&[("profiles/gpu_kern_sum.csv", &csv)]).expect("readable");
    assert_eq!(share(&resolve(&run.profile), "tp_all_reduce"), Some(100.0));
}

#[test]
fn missing_rows_and_empty_reports_are_said() {
    let cut = shares(
        FILE,
        &format!("{HEAD}60.0,600,1,1.0,1.0,1,1,0.0,a\n20.0,200,1,1.0,1.0,1,1,0.0,b\n"),
    );
    assert_eq!(share(&cut, "a"), Some(75.0));
    assert_eq!(
        findings(&cut.findings, "PROFILE_CUT"),
        ["the listed kernels are 80.0 % of the GPU time; the shares are of the listed ones only"]
    );
    let empty = shares(
        FILE,
        "SKIPPED: report1.sqlite does not contain CUDA kernel data.\n",
    );
    assert_eq!(empty.kernel_class_gpu_pct, None);
    assert_eq!(
        findings(&empty.findings, "PROFILE_EMPTY"),
        [
            "the report holds no kernel: nothing ran on the GPU while it was recorded, or CUDA was not traced"
        ]
    );
    let idle = shares(FILE, &format!("{HEAD}0.0,0,1,1.0,1.0,1,1,0.0,a\n"));
    assert_eq!(
        idle.gpu_reason.as_deref(),
        Some("the profile holds no GPU time")
    );
}

#[test]
fn wrong_reports_are_refused() {
    let row = |row: &str| format!("{HEAD}{row}\n");
    let at = |column: &str| format!("{FILE}:2: {column}");
    refused(
        row("50.0,500"),
        Code::Damaged,
        &format!("{FILE}:2"),
        "found a row of 2 cells; expected 9, as in the header. The file was cut or edited: make the report again",
    );
    refused(
        row("50.0,500,\"1"),
        Code::Damaged,
        &format!("{FILE}:2"),
        "found a quoted field without its closing quote; expected one CSV row a line",
    );
    refused(
        row("50.0,-500,1,1.0,1.0,1,1,0.0,a"),
        Code::BadValue,
        &at("Total Time (ns)"),
        "found `-500`; expected a number that is not negative",
    );
    refused(
        row("50.0,nan,1,1.0,1.0,1,1,0.0,a"),
        Code::BadValue,
        &at("Total Time (ns)"),
        "found `nan`; expected a number that is not negative",
    );
    refused(
        row("nan,500,1,1.0,1.0,1,1,0.0,a"),
        Code::BadValue,
        &at("Time (%)"),
        "found `nan`; expected a number that is not negative",
    );
    refused(
        row("150.0,500,1,1.0,1.0,1,1,0.0,a"),
        Code::BadValue,
        &at("Time (%)"),
        "found 150; expected at most 100",
    );
    refused(
        row("\"50,0\",500,1,1.0,1.0,1,1,0.0,a"),
        Code::NotUnderstood,
        &at("Time (%)"),
        "found the percentage `50,0`; expected a decimal point. Run `nsys stats` with LC_ALL=C",
    );
    refused(
        row("60.0,500,1,1.0,1.0,1,1,0.0,a\n60.0,500,1,1.0,1.0,1,1,0.0,b"),
        Code::BadValue,
        &format!("{FILE}:3: Time (%)"),
        "found percentages that add up to 120.0; expected at most 100",
    );
    refused(
        "nothing\n",
        Code::Damaged,
        FILE,
        "found no kernel table; expected a header with `Time (%)`, `Total Time (ns)`, `Instances` and `Name`. Make it with `nsys stats -r cuda_gpu_kern_sum --format csv`",
    );
    refused(
        b"\xff\n",
        Code::Damaged,
        &format!("{FILE}:1"),
        "found bytes that are not UTF-8; expected text",
    );
    let nothing = read_profile(&MemoryTree::new([("a.txt", "words")])).expect_err("refused");
    assert_eq!(
        nothing.message,
        "found no profile\nfound: a.txt\nexpected at least one of:\n  zymtrace profile (`response.json`)\n  Nsight Systems kernel summary (`nsys stats -r cuda_gpu_kern_sum`)"
    );
    let none = read_profile(&MemoryTree::default()).expect_err("refused");
    assert!(
        none.message
            .starts_with("found no profile\nfound: an empty directory\n")
    );
}

#[test]
fn a_cut_report_never_panics() {
    let text =
        format!("{HEAD}60.0,600,1,1.0,1.0,1,1,0.0,\"a(int, …)\"\n40.0,400,1,1.0,1.0,1,1,0.0,b\n");
    for end in 0..text.len() {
        if let Ok(observed) = read_profile(&MemoryTree::new([(FILE, &text.as_bytes()[..end])])) {
            resolve(&observed);
        }
    }
}
