#!/usr/bin/env python3
"""Makes `tests/data/bundles` (cuts of real bundles) and every `tests/data/cases/NAME`.

    python3 tests/data/cases/make.py DIRECTORY_OF_REAL_BUNDLES

Without an argument the cuts stay as they are, and the cases are made again from them. Nothing here runs
Perfbridge: `readers.py` reads what the tools wrote, `judge.py` judges by the design, and the verdict that a
case must have is written below by hand as well; where the two differ, making stops.
"""

import glob
import json
import os
import pathlib
import re
import shutil
import sys

import documents
import judge
import readers

HERE = os.path.dirname(os.path.abspath(__file__))
BUNDLES = os.path.join(HERE, "..", "bundles")
# What the document takes from the server's metrics; everything else of a scrape is cut.
FAMILIES = (
    r"(# (HELP|TYPE) )?(process_start|vllm:(prefix_cache|gpu_prefix_cache|kv_cache_usage|gpu_cache_usage"
    r"|num_requests_running|generation_tokens|cache_config))"
)
KEPT = ["vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc", "vllm:num_requests_running", "vllm:generation_tokens"]


def copy(source, target):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copyfile(source, target)


def cut_scrape(source, target):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(source) as lines, open(target, "w") as out:
        out.writelines(line for line in lines if re.match(FAMILIES, line))


def cut_export(source, target):
    data = json.loads(pathlib.Path(source).read_text())
    data["metrics"] = {name: data["metrics"][name] for name in KEPT if name in data["metrics"]}
    data.pop("warmup_metrics", None)
    pathlib.Path(target).write_text(json.dumps(data, indent=1))


def cut(
    real,
    name,
    target,
    files=("profile_export_aiperf.json",),
    scrapes=True,
    exports=False,
    report=True,
    logs=False,
    levels=None,
):
    source, target = os.path.join(real, name), os.path.join(BUNDLES, target)
    shutil.rmtree(target, ignore_errors=True)
    for folder in sorted(glob.glob(source + "/aiperf-c*/")):
        level = readers.level_of(folder)
        if levels and level not in levels:
            continue
        for file in files:
            copy(folder + file, f"{target}/aiperf-c{level}/{file}")
        if exports:
            cut_export(folder + "server_metrics_export.json", f"{target}/aiperf-c{level}/server_metrics_export.json")
        if logs:
            copy(f"{source}/aiperf-c{level}.log", f"{target}/aiperf-c{level}.log")
    if scrapes:
        for path in glob.glob(source + "/*.prom"):
            cut_scrape(path, f"{target}/{os.path.basename(path)}")
        for path in glob.glob(source + "/metrics-samples/*.prom"):
            cut_scrape(path, f"{target}/metrics-samples/{os.path.basename(path)}")
    if report:
        for path in glob.glob(source + "/*report*.md"):
            copy(path, f"{target}/{os.path.basename(path)}")


def cuts(real):
    cut(real, "base-1", "base-1", exports=True)
    for name in ("base-2", "regressed-1", "improved-1", "noisy-1", "old-vllm", "errors-1"):
        cut(real, name, name)
    bare = {"scrapes": False, "report": False}
    cut(real, "base-1", "base-1-csv", files=("profile_export_aiperf.csv",), **bare)
    cut(real, "errors-1", "errors-1-csv", files=("profile_export_aiperf.csv",), **bare)
    cut(real, "base-1", "base-1-records", files=("profile_export.jsonl",), levels=("4", "16"), **bare)
    cut(real, "errors-1", "errors-1-records", files=("profile_export.jsonl",), levels=("8",), **bare)
    for name in ("aa-01", "aa-03"):
        cut(real, "aa/" + name, name + "-records", files=("profile_export.jsonl",), levels=("4",), **bare)
    cut(real, "base-1", "base-1-console", files=(), logs=True, levels=("4", "16"), **bare)
    cut(real, "base-2", "base-2-console", files=(), logs=True, levels=("4", "16"), **bare)
    cut(real, "base-1", "base-1-report", files=(), scrapes=False)
    cut(real, "regressed-1", "regressed-1-report", files=(), scrapes=False)
    cut(real, "base-2", "base-2-unscraped", **bare)
    # The level 32 of this run is that of a real run that stopped before it measured.
    cut(real, "base-1", "base-1-aborted", levels=("1", "4", "8", "16"), **bare)
    copy(real + "/other-tools/aiperf-aborted/aiperf-c16.log", BUNDLES + "/base-1-aborted/aiperf-c32.log")
    for name in ("aa-01", "aa-02", "aa-03", "aa-04", "aa-05", "aa-06", "slow-01", "slow-02", "slow-03"):
        cut(real, "aa/" + name, name, **bare)


def again(name):
    """The same numbers as those of another run: the name that AIPerf gave it is another."""
    source, target = os.path.join(BUNDLES, name), os.path.join(BUNDLES, name + "-again")
    shutil.rmtree(target, ignore_errors=True)
    for path in sorted(glob.glob(source + "/**/*", recursive=True)):
        if not os.path.isfile(path):
            continue
        file = os.path.join(target, os.path.relpath(path, source))
        copy(path, file)
        if path.endswith("profile_export_aiperf.json"):
            export = pathlib.Path(file)
            text = export.read_text()
            run = json.loads(text)["benchmark_id"]
            export.write_text(text.replace(run, run[::-1]))


# What is written once every case is what it must be: name, settings, what is expected.
MADE = []


def write(name, settings, expected):
    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    with open(folder + "/case.toml", "w") as out:
        for key, value in settings.items():
            out.write(f"{key} = {json.dumps(value)}\n")
    with open(folder + "/expected.json", "w") as out:
        rows = expected.pop("rows")
        head = json.dumps(expected, indent=1)[:-2]
        lines = ",\n".join("  " + json.dumps(row) for row in rows)
        out.write(f'{head},\n "rows": [\n{lines}\n ]\n}}\n')


def side(path):
    full = os.path.join(HERE, path)
    if os.path.isfile(full):
        return readers.document(full)
    name = os.path.basename(path)
    if name.endswith("-console"):
        return readers.console(os.path.join(BUNDLES, name.removesuffix("-console")), 2)
    return readers.bundle(full)


def only(levels, of):
    return of | {"levels": {name: level for name, level in of["levels"].items() if name in levels}}


def case(name, expected, baseline, current, codes=(), vary=(), headline=None, levels=None, **settings):
    a, b = side(baseline), side(current)
    if levels:
        a, b = only(levels, a), only(levels, b)
    if profiles := [settings.get("baseline_profile"), settings.get("profile")]:
        for of, profile in zip((a, b), profiles, strict=True):
            if profile:
                of["classes"], of["spin"] = documents.PROFILES[os.path.basename(profile)]
    result = judge.judge(a, b, vary, headline)
    if f"{result['verdict']} {result['rule']}" != expected:
        worse = [f"{row['metric']} at {row['level']}" for row in result["rows"] if row["status"] == "REGRESSED"]
        sys.exit(f"{name}: the rules give {result['verdict']} {result['rule']}, expected {expected}; worse: {worse}")
    written = {"baseline": [baseline], "current": [current]} | settings
    if vary:
        written["vary"] = list(vary)
    if headline:
        written["headline_level"] = headline
    MADE.append((name, written, result | {"tier": "DRAFT", "findings": sorted(codes)}))


def trials(name, expected, baseline, current, tier="DRAFT", codes=(), **settings):
    """Verdicts of trials rest on statistics that are tested elsewhere; here only medians and the verdict stand."""
    verdict, rule = expected.split()
    bundles = [[side(path) for path in paths] for paths in (baseline, current)]
    rows = []
    for level in ("4", "16"):
        for metric, _, _ in judge.LEVEL:
            a, b = (sorted(one["levels"][level][metric] for one in runs)[len(runs) // 2] for runs in bundles)
            rows.append(
                {
                    "metric": metric,
                    "level": level,
                    "baseline": a,
                    "current": b,
                    "delta": b - a,
                    "delta_pct": 100 * (b - a) / a,
                    "status": None,
                }
            )
    exits = {"GREEN": 0, "YELLOW": 0, "RED": 1, "NO_VERDICT": 3}
    expected = {
        "verdict": verdict,
        "rule": rule,
        "exit_code": exits[verdict],
        "headline_level": "16",
        "tier": tier,
        "findings": sorted(codes),
        "rows": rows,
    }
    MADE.append((name, {"baseline": baseline, "current": current} | settings, expected))


def bundle(name):
    return "../bundles/" + name


def main():
    if len(sys.argv) > 1:
        cuts(sys.argv[1])
    again("base-2-unscraped")
    again("base-1-aborted")
    documents.profiles(BUNDLES)
    base = bundle("base-1")
    case(
        "base-against-regressed", "RED headline", base, bundle("regressed-1"), ["COALESCED_STREAMS", "PREFIX_CACHE_OFF"]
    )
    case("base-against-improved", "YELLOW few", base, bundle("improved-1"), ["COALESCED_STREAMS"])
    case(
        "base-against-noisy",
        "NO_VERDICT not-comparable",
        base,
        bundle("noisy-1"),
        ["COALESCED_STREAMS", "IDENTITY_MISMATCH"],
    )
    case("base-against-base-2", "YELLOW few", base, bundle("base-2"), ["COALESCED_STREAMS"])
    case("base-against-itself", "NO_VERDICT same-run", base, base, ["COALESCED_STREAMS", "SAME_RUN"])
    case(
        "errors-against-themselves",
        "NO_VERDICT same-run",
        bundle("errors-1"),
        bundle("errors-1"),
        ["COUNTER_RESET", "REQUESTS_FAILED", "SAME_RUN"],
    )
    case(
        "base-against-errors",
        "NO_VERDICT not-comparable",
        base,
        bundle("errors-1"),
        ["COUNTER_RESET", "IDENTITY_MISMATCH", "REQUESTS_FAILED"],
    )
    case(
        "base-against-errors-declared",
        "RED failed-level",
        base,
        bundle("errors-1"),
        ["IDENTITY_VARIED", "REQUESTS_FAILED"],
        vary=("osl",),
    )
    case("base-against-old-vllm", "YELLOW few", base, bundle("old-vllm"), ["UNMATCHED_LEVEL"])
    case("old-vllm-against-base", "RED headline", bundle("old-vllm"), base, ["UNMATCHED_LEVEL"])
    case(
        "old-vllm-against-itself",
        "NO_VERDICT same-run",
        bundle("old-vllm"),
        bundle("old-vllm"),
        ["PREFIX_CACHE_OFF", "SAME_RUN"],
    )
    case("csv-only", "GREEN none", bundle("base-1-csv"), base, model="tinyllama-7m")
    case(
        "csv-only-errors",
        "YELLOW unhealthy",
        bundle("errors-1-csv"),
        bundle("errors-1"),
        ["REQUESTS_FAILED"],
        model="tinyllama-7m",
    )
    case(
        "records-only",
        "NO_VERDICT same-run",
        bundle("base-1-records"),
        bundle("base-1-records"),
        ["SAME_RUN"],
        model="tinyllama-7m",
    )
    case(
        "records-with-errors",
        "NO_VERDICT same-run",
        bundle("errors-1-records"),
        bundle("errors-1-records"),
        ["HEADLINE_MOVED", "REQUESTS_FAILED", "SAME_RUN"],
        model="tinyllama-7m",
    )
    case(
        "records-of-identical-runs",
        "GREEN none",
        bundle("aa-01-records"),
        bundle("aa-03-records"),
        ["HEADLINE_MOVED", "LOW_SAMPLES"],
        model="tinyllama-7m",
    )
    case(
        "console-only",
        "YELLOW few",
        bundle("base-1-console"),
        bundle("base-2-console"),
        levels=("4", "16"),
        model="tinyllama-7m",
    )
    case("report-only", "RED headline", bundle("base-1-report"), bundle("regressed-1-report"))
    unscraped = bundle("base-2-unscraped-again")
    case("without-scrapes", "GREEN none", unscraped, bundle("base-2"), ["NOT_COMPARED"])
    case("scrapes-lost", "YELLOW lost", bundle("base-2"), unscraped, ["LOST_MEASUREMENT"])
    case(
        "one-run-in-two-bundles",
        "NO_VERDICT same-run",
        bundle("base-2-unscraped"),
        bundle("base-2"),
        ["SAME_RUN"],
    )
    aborted = bundle("base-1-aborted-again")
    case("level-aborted", "YELLOW lost", base, aborted, ["LEVEL_ABORTED", "UNMATCHED_LEVEL"])
    case("headline-by-request", "RED headline", base, bundle("regressed-1"), headline=8)
    aa, slow = [bundle(f"aa-0{n}") for n in range(1, 7)], [bundle(f"slow-0{n}") for n in (1, 2, 3)]
    node = ["context.same_node=true"]
    trials("identical-triples", "YELLOW unresolved", aa[:3], aa[3:])
    trials("identical-triples-reversed", "YELLOW unresolved", aa[3:], aa[:3])
    trials("slow-triple", "RED headline", aa[:3], slow, set=node)
    trials(
        "slow-triple-tails-observed",
        "RED headline",
        aa[3:],
        slow,
        set=node,
        tails="observe",
        codes=["LOW_SAMPLES"],
    )
    documents.cases(case, trials, bundle)
    for folder in glob.glob(HERE + "/*/"):
        if "__pycache__" not in folder:
            shutil.rmtree(folder)
    for name, settings, expected in MADE:
        write(name, settings, expected)


if __name__ == "__main__":
    main()
