"""Documents and profiles made by hand: the golden ones of the registry, and one change for each rule."""

import json
import os
import pathlib

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = "../golden/inputs/{}/inference_perfbench_v1.json"
CLASSES = {"fp8_bmm": 45.0, "tp_all_reduce": 30.0, "moe_routing_finalize": 15.0, "nvjet_tst_64x8": 10.0}
# What the files that `profiles` writes come to: classes and the spin-poll share, in percent.
PROFILES = {
    "zymtrace-before": (CLASSES, 20.0),
    "zymtrace-after": (CLASSES | {"fp8_bmm": 40.0, "tp_all_reduce": 35.0}, 26.0),
    "nsys-before": (
        {"tp_all_reduce": 50.0, "mla_attention": 30.0, "void_vllm_reshape_and_cache_flash_kernel": 20.0},
        None,
    ),
    "nsys-after": (
        {"tp_all_reduce": 53.0, "mla_attention": 27.0, "void_vllm_reshape_and_cache_flash_kernel": 20.0},
        None,
    ),
}
KERNELS = [
    "bmm_Bfloat16_E4m3E4m3_Fp32",
    "trtllm_allreduce_fusion_kernel_oneshot_lamport",
    "moe::dev::routing::routingMainKernel",
    "nvjet_tst_64x8",
]


def clickhouse(columns, rows):
    meta = [{"name": name, "type": "String"} for name in columns]
    data = [dict(zip(columns, row, strict=True)) for row in rows]
    return (
        json.dumps(
            {
                "meta": meta,
                "data": data,
                "rows": len(data),
                "statistics": {"elapsed": 0.001, "rows_read": 9, "bytes_read": 99},
            },
            indent="\t",
        )
        + "\n"
    )


def put(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    pathlib.Path(path).write_text(text)


def profiles(bundles):
    for name, gpu, spin in (("before", [450, 300, 150, 100], 20), ("after", [400, 350, 150, 100], 26)):
        folder = f"{bundles}/zymtrace-{name}"
        put(
            f"{folder}/gpu/query.sql",
            "SELECT kernel, count() AS total_samples FROM profiles WHERE event_kind = 'cuda' GROUP BY kernel\n",
        )
        put(
            f"{folder}/gpu/response.json",
            clickhouse(["kernel", "total_samples"], [[k, str(n)] for k, n in zip(KERNELS, gpu, strict=True)]),
        )
        put(
            f"{folder}/cpu/query.sql",
            "SELECT py_file, func_name, count() AS total_samples FROM profiles WHERE event_kind = 'on_cpu' GROUP BY 1, 2\n",
        )
        rows = [
            ["shm_broadcast.py", "acquire_read", spin - 5],
            ["utils.py", "sched_yield", 5],
            ["worker.py", "wait", 100 - spin],
        ]
        put(f"{folder}/cpu/response.json", clickhouse(["py_file", "func_name", "total_samples"], rows))
    head = "Time (%),Total Time (ns),Instances,Avg (ns),Med (ns),Min (ns),Max (ns),StdDev (ns),Name\n"
    for name, times in (("before", [5000, 3000, 2000]), ("after", [5300, 2700, 2000])):
        kernels = [
            '"void multimem_all_reduce_kernel<c10::BFloat16, (int)16>(T1 *, unsigned long)"',
            "fmhaSm100fKernel_QkvBfloat16",
            '"void vllm::reshape_and_cache_flash_kernel<__nv_bfloat16>(int)"',
        ]
        # The column of percentages is wrong on purpose: shares are computed from the times.
        lines = "".join(
            f"33.3,{time},10,1.0,1.0,1,1,0.0,{kernel}\n" for time, kernel in zip(times, kernels, strict=True)
        )
        put(
            f"{bundles}/nsys-{name}/kernels_cuda_gpu_kern_sum.csv",
            "Generating SQLite file kernels.sqlite from kernels.nsys-rep\n" + head + lines,
        )


def base():
    document = json.loads(pathlib.Path(HERE, GOLDEN.format("run3")).read_text())
    for level in document["metrics"].values():
        level["requests"] = 1000
    return document


def variant(name, change):
    """Writes a changed copy of the base document and gives its path, as a case names it."""
    document = base()
    change(document)
    path = f"../bundles/documents/{name}.json"
    put(os.path.join(HERE, path), json.dumps(document, indent=2) + "\n")
    return path


def scale(document, level, factor, *metrics):
    for metric in metrics:
        document["metrics"][level][metric] *= factor


TTFT = ("ttft_p50_ms", "ttft_p95_ms", "ttft_p99_ms")


def cases(case, trials, bundle):
    legacy = GOLDEN.format("run1")
    case("legacy-documents", "GREEN none", legacy, GOLDEN.format("run2"))
    case("legacy-documents-reversed", "GREEN none", GOLDEN.format("run2"), legacy)
    case("legacy-against-itself", "NO_VERDICT same-run", legacy, legacy, ["SAME_RUN"])
    again = bundle("base-2-unscraped-again")
    case(
        "zymtrace-profiles",
        "YELLOW few",
        again,
        bundle("base-2"),
        baseline_profile=bundle("zymtrace-before"),
        profile=bundle("zymtrace-after"),
    )
    case(
        "nsys-profiles",
        "GREEN none",
        again,
        bundle("base-2"),
        baseline_profile=bundle("nsys-before"),
        profile=bundle("nsys-after"),
    )
    case("profile-on-one-side", "GREEN none", again, bundle("base-2"), profile=bundle("nsys-after"))
    case(
        "profile-lost",
        "GREEN none",
        again,
        bundle("base-2"),
        ["PROFILE_LOST"],
        baseline_profile=bundle("nsys-before"),
    )

    plain = variant("plain", lambda document: None)

    def rule(name, expected, change, codes=(), **more):
        case("rule-" + name, expected, plain, variant(name, change), codes, **more)

    def collapse(document):
        for level in document["metrics"]:
            scale(document, level, 0.5, "throughput_toks_per_s")
            scale(document, level, 2, *TTFT)

    def other_hardware(document):
        collapse(document)
        document["deployment"]["quantization"] = "NVFP4"

    def of_one_run(document):
        collapse(document)
        document["metrics"]["16"]["run_id"] = "b7f1"
        document["metrics"]["4"]["errors"] = 500

    case(
        "rule-same-run",
        "NO_VERDICT same-run",
        variant("one-run", lambda d: d["metrics"]["16"].update(run_id="b7f1")),
        variant("same-run", of_one_run),
        ["SAME_RUN"],
    )

    def invalid(document):
        collapse(document)
        document["metrics"]["16"]["validity"] = ["runtime_submission_invalid_reasons: context_overflow_rate_exceeded"]

    rule("invalid-run", "NO_VERDICT invalid-run", invalid, ["RUN_INVALID"])

    def impossible(document):
        document["metrics"]["16"] |= {"osl_mean": 250.0, "request_latency_mean_ms": 60000.0}

    rule("invalid-run-by-its-numbers", "NO_VERDICT invalid-run", impossible, ["IMPLAUSIBLE"])
    rule("severe", "RED severe", lambda document: scale(document, "4", 0.8, "throughput_toks_per_s"))
    rule("not-comparable", "NO_VERDICT not-comparable", other_hardware, ["IDENTITY_MISMATCH"])

    def failed(document):
        collapse(document)
        document["metrics"]["4"]["errors"] = 101

    rule("failed-level", "RED failed-level", failed)

    def dead(document):
        for level in document["metrics"]:
            document["metrics"][level] = {"errors": 1000, "requests": 1000}

    rule("failed-level-nothing-succeeded", "RED failed-level", dead, ["LOST_MEASUREMENT"])

    def other_levels(document):
        document["metrics"] = {"2": document["metrics"]["4"]}
        document["cpu_spinpoll_pct"] += 50

    rule("nothing-comparable", "NO_VERDICT nothing-comparable", other_levels, ["UNMATCHED_LEVEL"])
    rule("headline", "RED headline", collapse)

    def many(document):
        scale(document, "4", 1.2, *TTFT[:2])
        scale(document, "64", 1.2, "itl_p50_ms")
        document["metrics"]["16"]["throughput_toks_per_s"] = None

    rule("many", "RED many", many, ["LOST_MEASUREMENT"])

    def unmeasured(document):
        scale(document, "4", 1.2, *TTFT)
        del document["metrics"]["16"]

    rule("headline-unmeasured", "NO_VERDICT headline-unmeasured", unmeasured, ["UNMATCHED_LEVEL"])

    def localized(document):
        scale(document, "4", 1.2, *TTFT)
        document["metrics"]["64"]["ttft_p99_ms"] = None

    rule("localized", "YELLOW localized", localized, ["LOST_MEASUREMENT"])
    rule("few", "YELLOW few", lambda document: scale(document, "16", 1.2, *TTFT[:2]))

    def sick(document):
        document["metrics"]["4"]["errors"] = 300
        del document["metrics"]["64"]

    case(
        "rule-unhealthy",
        "YELLOW unhealthy",
        variant("sick-before", lambda d: d["metrics"]["4"].update(errors=295)),
        variant("sick", sick),
    )
    rule("lost", "YELLOW lost", lambda document: document["metrics"].pop("1"), ["UNMATCHED_LEVEL"])
    rule("none", "GREEN none", lambda document: scale(document, "16", 1.02, "throughput_toks_per_s", *TTFT))

    def defined(name):
        def change(document):
            document["definitions"] = {"itl_p50_ms": name, "prefix_cache_hit_rate_post": "tokens"}
            scale(document, "16", 1.5 if name == "gap-pooled" else 1, "itl_p50_ms")

        return change

    case(
        "definitions-differ",
        "YELLOW lost",
        variant("tpot", defined("tpot-per-request")),
        variant("gaps", defined("gap-pooled")),
        ["LOST_MEASUREMENT"],
    )

    def counted(by, factor):
        def change(document):
            document["definitions"] = {"output_tokens": by}
            for level in document["metrics"]:
                scale(document, level, factor, "throughput_toks_per_s", "tps_per_user")

        return change

    case(
        "tokens-counted-by-another",
        "NO_VERDICT headline-unmeasured",
        variant("server-usage", counted("server-usage", 1)),
        variant("client-tokenizer", counted("client-tokenizer", 0.8)),
        ["LOST_MEASUREMENT"],
    )

    def lengths(mean, factor):
        def change(document):
            for level in document["metrics"].values():
                level["osl_mean"] = mean
            scale(document, "16", factor, "throughput_toks_per_s")

        return change

    long = variant("outputs-of-250", lengths(250.0, 1))
    drift = ["OUTPUT_LENGTH_DRIFT"]
    case("shorter-outputs-explain", "YELLOW unresolved", long, variant("outputs-of-243", lengths(243.0, 0.95)), drift)
    case("longer-outputs-hide", "YELLOW unresolved", long, variant("outputs-of-259", lengths(259.0, 1)), drift)
    case("longer-outputs-explain-nothing", "RED headline", long, variant("slower-of-259", lengths(259.0, 0.95)), drift)

    def ended(requests):
        return lambda document: document["metrics"]["16"].update(requests=requests, requests_planned=64)

    case(
        "requests-that-never-ended",
        "RED failed-level",
        variant("all-ended", ended(64)),
        variant("few-ended", ended(20)),
        ["REQUESTS_FAILED"],
    )

    def bursts(document):
        document["metrics"]["16"] |= {
            "osl_mean": 250.0,
            "chunk_gap_mean_ms": 2.0,
            "chunk_gap_p75_ms": 0.01,
            "ttft_p50_ms": 4000.0,
        }
        scale(document, "16", 0.1, "itl_p50_ms")

    streams = ["COALESCED_STREAMS"]
    buffered = variant("buffered", bursts)
    case("streams-in-bursts", "YELLOW few", plain, buffered, [*streams, "LOST_MEASUREMENT"])
    case("streams-repaired", "GREEN none", buffered, plain, streams)

    def trial(name, factor, *, last=1.0):
        paths = []
        for at, hair in enumerate((1.0, 1.0004, 0.9997)):

            def change(document, hair=hair, third=at == 2):
                document["context"] = {"hardware": "8x B200", "same_node": True}
                for level in document["metrics"]:
                    scale(document, level, factor * hair, "throughput_toks_per_s")
                if third:
                    scale(document, "16", last, "throughput_toks_per_s")

            paths.append(variant(f"{name}-{at + 1}", change))
        return paths

    steady = trial("steady", 1.0)
    uneven = trial("uneven", 1.001, last=0.6)
    trials("rule-uneven", "YELLOW uneven", steady, uneven, codes=["TRIAL_SLOW"])
    trials("rule-creep", "YELLOW creep", steady, trial("creep", 0.98), tier="VERDICT")
    trials("triple-that-is-safe", "GREEN none", steady, trial("as-before", 1.002), tier="VERDICT")
    trials("triple-that-is-slower", "RED headline", steady, trial("slower", 0.9), tier="VERDICT")
    rule("identity-declared", "RED headline", other_hardware, ["IDENTITY_VARIED"], vary=("quantization",))
