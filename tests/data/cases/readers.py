"""Reads what the tools wrote, without the Rust code: a side as `judge.py` takes it."""

import csv
import glob
import hashlib
import json
import pathlib
import re

EXPORT = {
    "throughput_toks_per_s": ("output_token_throughput", "avg"),
    "ttft_p50_ms": ("time_to_first_token", "p50"),
    "ttft_p95_ms": ("time_to_first_token", "p95"),
    "ttft_p99_ms": ("time_to_first_token", "p99"),
    "itl_p50_ms": ("inter_token_latency", "p50"),
    "tps_per_user": ("output_token_throughput_per_user", "avg"),
    "request_latency_p50_ms": ("request_latency", "p50"),
    "errors": ("error_request_count", "avg"),
    "requests": ("completed_request_count", "avg"),
    "isl_mean": ("input_sequence_length", "avg"),
    "osl_mean": ("output_sequence_length", "avg"),
}
# What no row shows, and what validity rests on.
BESIDE = {
    "per_second": ("request_throughput", "avg"),
    "latency_mean": ("request_latency", "avg"),
    "ttft_mean": ("time_to_first_token", "avg"),
    "itl_mean": ("inter_token_latency", "avg"),
    "gap_mean": ("inter_chunk_latency", "avg"),
    "gap_p75": ("inter_chunk_latency", "p75"),
}
TABLE = {
    "throughput_toks_per_s": ("Output Token Throughput (tokens/sec)", "avg"),
    "ttft_p50_ms": ("Time to First Token (ms)", "p50"),
    "ttft_p95_ms": ("Time to First Token (ms)", "p95"),
    "ttft_p99_ms": ("Time to First Token (ms)", "p99"),
    "itl_p50_ms": ("Inter Token Latency (ms)", "p50"),
    "tps_per_user": ("Output Token Throughput Per User (tokens/sec/user)", "avg"),
    "request_latency_p50_ms": ("Request Latency (ms)", "p50"),
    "isl_mean": ("Input Sequence Length (tokens)", "avg"),
    "osl_mean": ("Output Sequence Length (tokens)", "avg"),
}


def empty():
    return {"levels": {}, "server": {}, "classes": {}, "spin": None, "identity": {}, "definitions": {}}


def text(path):
    return pathlib.Path(path).read_text()


def level_of(path):
    return re.search(r"aiperf-c(\d+)", path).group(1)


def export(path):
    data = json.loads(text(path))
    level = {name: data.get(metric, {}).get(stat) for name, (metric, stat) in EXPORT.items()}
    level["errors"] = level["errors"] or 0
    level |= {name: data.get(metric, {}).get(stat) for name, (metric, stat) in BESIDE.items()}
    phase = data.get("input_config", {}).get("phases", [{}])[-1]
    level["planned"] = phase.get("requests")
    if phase.get("cancellation"):
        # What the operator ordered to be cancelled is neither a request nor an error.
        ordered = [one for one in data.get("error_summary") or [] if one["error_details"]["code"] == 499]
        level["cancelled"] = sum(one["count"] for one in ordered)
        level["errors"] -= level["cancelled"]
        level["requests"] -= level["cancelled"]
    level["run_id"], level["start_time"] = data.get("benchmark_id"), data.get("start_time")
    level["result_sha256"] = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
    level["validity"] = [
        f"runtime_submission_invalid_reasons: {one}" for one in data.get("runtime_submission_invalid_reasons") or []
    ]
    # How many requests a statistic rests on, where AIPerf says it.
    counts = {name: data.get(metric, {}).get("count") for name, (metric, _) in EXPORT.items()}
    level["samples"] = {name: count for name, count in counts.items() if count is not None}
    return level


def table(path):
    rows = {}
    for row in csv.reader(text(path).splitlines()):
        if row and row[0] == "Metric":
            head = row
        elif len(row) > 1:
            rows[row[0]] = dict(zip(head, row, strict=False))
    # The second section has the single column `Value`.
    cell = lambda m, s: rows.get(m, {}).get(s) or rows.get(m, {}).get("Value")
    level = {name: float(cell(m, s)) for name, (m, s) in TABLE.items() if cell(m, s)}
    count = lambda name: float(next(iter([v for v in list(rows[name].values())[1:] if v])))
    errors = count("Error Request Count") if "Error Request Count" in rows else 0
    return level | {"errors": errors, "requests": count("Request Count") + errors}


def percentile(values, rank):
    """numpy's default: linear interpolation between order statistics."""
    values = sorted(values)
    at = (len(values) - 1) * rank / 100
    low = int(at)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (at - low)


def records(path):
    lines = [json.loads(line) for line in text(path).splitlines()]
    lines = [line for line in lines if line["metadata"]["benchmark_phase"] == "profiling"]
    good = [line["metrics"] for line in lines if not line.get("error")]
    of = lambda name: [m[name]["value"] for m in good if name in m]
    mean = lambda values: sum(values) / len(values)
    start = min(line["metadata"]["credit_issued_ns"] for line in lines)
    end = max(line["metadata"]["request_end_ns"] for line in lines)
    return {
        "throughput_toks_per_s": sum(of("output_sequence_length")) / ((end - start) / 1e9),
        "ttft_p50_ms": percentile(of("time_to_first_token"), 50),
        "ttft_p95_ms": percentile(of("time_to_first_token"), 95),
        "ttft_p99_ms": percentile(of("time_to_first_token"), 99),
        "itl_p50_ms": percentile(of("inter_token_latency"), 50),
        "tps_per_user": mean(of("output_token_throughput_per_user")),
        "request_latency_p50_ms": percentile(of("request_latency"), 50),
        "errors": len(lines) - len(good),
        "requests": len(lines),
        "isl_mean": mean(of("input_sequence_length")),
        "osl_mean": mean(of("output_sequence_length")),
    }


def report(path):
    """The rows of the report's table: throughput, TTFT p50/p95/p99, ITL, per user, latency, errors."""
    names = [name for name in EXPORT if name not in ("requests", "isl_mean", "osl_mean")]
    levels = {}
    for line in text(path).splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells and cells[0].isdigit():
            levels[cells[0]] = dict(zip(names, map(float, cells[1:]), strict=False))
    return levels


def counters(path):
    """Sums over all series of each metric."""
    sums = {}
    for line in text(path).splitlines():
        if line.startswith("#") or not line.strip():
            continue
        name = re.match(r"[^{ ]+", line).group(0)
        sums[name] = sums.get(name, 0) + float(line.rsplit(" ", 1)[1])
    return sums


def server(folder):
    pre, post = glob.glob(folder + "/*-pre.prom"), glob.glob(folder + "/*-post.prom")
    found = {}
    if pre and post:
        pre, post = counters(pre[0]), counters(post[0])
        found["restarted"] = pre.get("process_start_time_seconds") != post.get("process_start_time_seconds")
        rise = lambda name: post.get(name, 0) - pre.get(name, 0)
        reset = pre.get("process_start_time_seconds") != post.get("process_start_time_seconds")
        queries = rise("vllm:prefix_cache_queries_total")
        if queries > 0 and not reset:
            found["prefix_cache_hit_rate_post"] = rise("vllm:prefix_cache_hits_total") / queries
    usage = []
    for path in glob.glob(folder + "/metrics-samples/*.prom"):
        usage += [
            float(line.rsplit(" ", 1)[1])
            for line in text(path).splitlines()
            if re.match(r"vllm:(kv|gpu)_cache_usage_perc{", line)
        ]
    for path in glob.glob(folder + "/aiperf-c*/server_metrics_export.json"):
        for name in ("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"):
            series = json.loads(text(path))["metrics"].get(name, {}).get("series", [])
            usage += [one["stats"]["max"] for one in series if one["stats"].get("max") is not None]
    if usage:
        found["gpu_cache_usage_perc_peak"] = max(usage)
    return found


def bundle(folder):
    side = empty()
    for path in sorted(glob.glob(folder + "/aiperf-c*/profile_export_aiperf.json")):
        side["levels"][level_of(path)] = export(path)
        side["definitions"]["itl_p50_ms"] = "tpot-per-request"
    for pattern, read in (("profile_export_aiperf.csv", table), ("profile_export.jsonl", records)):
        for path in sorted(glob.glob(folder + "/aiperf-c*/" + pattern)):
            hashed = {"result_sha256": hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()}
            side["levels"].setdefault(level_of(path), read(path) | hashed)
    if not side["levels"]:
        for path in glob.glob(folder + "/*report*.md"):
            side["levels"] = report(path)
    side["server"] = server(folder)
    side["restarted"] = side["server"].pop("restarted", False)
    return side


def document(path):
    data = json.loads(text(path))
    side = empty()
    side["levels"] = {name: dict(level) for name, level in data["metrics"].items()}
    for name, level in side["levels"].items():
        sources = data.get("sources", {}).get(name, {})
        level["samples"] = {metric: one["requests"] for metric, one in sources.items() if "requests" in one}
        names = {
            "requests_planned": "planned",
            "requests_per_s": "per_second",
            "request_latency_mean_ms": "latency_mean",
            "ttft_mean_ms": "ttft_mean",
            "itl_mean_ms": "itl_mean",
            "chunk_gap_mean_ms": "gap_mean",
            "chunk_gap_p75_ms": "gap_p75",
        }
        level |= {short: level.get(long) for long, short in names.items()}
    side["sha256"] = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
    side["validity"] = data.get("validity") or []
    side["restarted"] = any(one["code"] == "COUNTER_RESET" for one in data.get("findings") or [])
    side["server"] = data.get("server_metrics_delta") or {}
    side["classes"] = data.get("kernel_class_gpu_pct") or {}
    side["spin"] = data.get("cpu_spinpoll_pct")
    side["definitions"] = data.get("definitions") or {}
    side["identity"] = {"model": data["model"]}
    for section, names in {
        "deployment": "tensor_parallel_size data_parallel_size pipeline_parallel_size expert_parallel_size quantization "
        "kv_cache_dtype speculative_decoding",
        "workload": "dataset split input_token_band output_token_band",
        "context": "hardware delivery",
    }.items():
        for name in names.split():
            side["identity"][name] = (data.get(section) or {}).get(name)
    return side


def console(folder, digits):
    """AIPerf's console prints its own numbers with two decimals, and has no p95: those of the exports, rounded."""
    side = empty()
    for path in glob.glob(folder + "/aiperf-c*/profile_export_aiperf.json"):
        level = export(path)
        names = [name for name in EXPORT if level[name] is not None]
        rounded = dict.fromkeys(EXPORT) | {name: round(level[name], digits) for name in names}
        rounded["ttft_p95_ms"] = None
        side["levels"][level_of(path)] = rounded
    return side
