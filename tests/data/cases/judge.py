"""The judging rules a second time, from the design and not from the Rust code, for runs without trials.

A side is a dict: levels {"16": {metric: number}}, server, profile, samples, identity, definitions, sha256, validity.
"""

from math import comb

LEVEL = [  # metric, tolerance in percent, whether more is better
    ("throughput_toks_per_s", 3, True),
    ("ttft_p50_ms", 5, False),
    ("ttft_p95_ms", 10, False),
    ("ttft_p99_ms", 15, False),
    ("itl_p50_ms", 3, False),
    ("tps_per_user", 3, True),
    ("request_latency_p50_ms", 5, False),
]
TOLERANCE = {metric: tolerance for metric, tolerance, _ in LEVEL}
HIGHER = {metric for metric, _, higher in LEVEL if higher}
SERVER = [("prefix_cache_hit_rate_post", 0.02, True), ("gpu_cache_usage_perc_peak", 0.05, False)]
TTFT = {"ttft_p50_ms", "ttft_p95_ms", "ttft_p99_ms"}
DECODE = {"itl_p50_ms", "tps_per_user"}
ERRORS = {"error_rate", "errors"}
# Which name of `definitions` covers which metrics beside itself.
COVERS = {"output_tokens": {"throughput_toks_per_s", "tps_per_user"}}
INVALID = ("runtime_submission_invalid_reasons", "submission_invalid_reasons", "submission_valid")


def beyond(x, tolerance):
    return x > tolerance + 1e-9 * max(1, tolerance)


def compare(metric, level, a, b, tolerance, higher, percent):
    row = {"metric": metric, "level": level, "baseline": a, "current": b, "delta": None, "delta_pct": None}
    if a is None or b is None:
        return row | {"status": "NULL_LEGACY_BASELINE"}
    row["delta"] = b - a
    row["delta_pct"] = 100 * (b - a) / a if a else None
    change = row["delta_pct"] if percent else row["delta"]
    if change is None:
        return row | {"status": "UNRELIABLE"}
    adverse = -change if higher else change
    status = "REGRESSED" if beyond(adverse, tolerance) else "IMPROVED" if beyond(-adverse, tolerance) else "WITHIN"
    return row | {"status": status}


def failures(level):
    """Failed or never ended, of all that were planned or ended; None where nobody counted."""
    errors, ended = level.get("errors"), level.get("requests")
    if errors is None or ended is None:
        return None
    planned = level.get("planned") or ended
    everything = max(planned - (level.get("cancelled") or 0), ended)
    return (errors + everything - ended, everything) if everything else None


def rate(level):
    counts = failures(level)
    return None if counts is None else counts[0] / counts[1]


def fisher(left, right):
    """One-sided: the chance of so many failures on the right, given those of both sides together."""
    (a, n1), (b, n2) = (tuple(map(int, side)) for side in (left, right))
    total = a + b
    ways = sum(comb(n2, k) * comb(n1, total - k) for k in range(b, min(total, n2) + 1))
    return ways / comb(n1 + n2, total)


def more_fail(left, right):
    counts = failures(left), failures(right)
    return None not in counts and fisher(*counts) < 0.025


def errors_row(name, a, b):
    rates = [rate(a or {}), rate(b or {})]
    one_sided = a is None or b is None
    if None not in rates or (one_sided and rates != [None, None]):
        row = compare("error_rate", name, *rates, 0.01, False, False)
        if row["status"] == "REGRESSED":
            failed, everything = failures(b)
            if failed - rates[0] * everything < 2 - 1e-9:
                row["status"] = "WITHIN"
        return row
    counts = [(side or {}).get("errors") for side in (a, b)]
    return compare("errors", name, *counts, 1, False, False)


def coalesced(level):
    if level.get("itl_p50_ms") == 0:
        return True
    names = ("gap_p75", "gap_mean", "ttft_p50_ms", "request_latency_p50_ms", "osl_mean")
    p75, mean, first, whole, tokens = (level.get(name) for name in names)
    if None in (p75, mean, first, whole, tokens):
        return False
    return p75 < 0.05 * mean and first > 0.5 * whole and tokens >= 8


def contradicts(name, side):
    """Little's law, and a latency as the sum of its parts."""
    level = side["levels"][name]
    get = lambda key: level.get(key) or None
    if (rate(level) or 0) > 0.10:
        return False
    tokens, length = get("throughput_toks_per_s"), get("osl_mean")
    latency = get("latency_mean") or get("request_latency_p50_ms")
    if tokens and length and latency:
        in_flight = tokens * latency / 1000 / length
        if not 0.01 * int(name) <= in_flight <= 3 * int(name):
            return True
    first, gap, latency = get("ttft_mean"), get("itl_mean"), get("latency_mean")
    if first and gap and length and latency and side["definitions"].get("itl_p50_ms") == "tpot-per-request":
        parts = first + (length - 1) * gap
        return not 1 / 3 <= parts / latency <= 3
    return False


def invalid(name, side):
    said = side["levels"].get(name, {}).get("validity") or []
    return any(one.startswith(INVALID) for one in said) or (name in side["levels"] and contradicts(name, side))


def same_run(name, a, b):
    if a.get("sha256") is not None and a.get("sha256") == b.get("sha256"):
        return True
    left, right = a["levels"].get(name), b["levels"].get(name)
    if left is None or right is None:
        return False
    known = lambda key: left.get(key) is not None and right.get(key) is not None
    equal = lambda key: known(key) and left[key] == right[key]
    other_start = known("start_time") and left["start_time"] != right["start_time"]
    return equal("result_sha256") or (equal("run_id") and not other_start)


def artefact(metric, name, at, sides):
    """Whether the number of side `at` (0 the baseline) is none."""
    level = sides[at]["levels"][name]
    streams = [coalesced(side["levels"][name]) for side in sides]
    late_only_now = metric in TTFT and at == 1 and not streams[0]
    if streams[at] and metric in TTFT | DECODE and not late_only_now:
        return True
    if invalid(name, sides[at]):
        return True
    value = level.get(metric)
    if value is None:
        return False
    if value == 0 and (metric.endswith("_ms") or at == 0):
        return True
    if (metric in TTFT or metric == "request_latency_p50_ms") and not 1 <= value <= 3_600_000:
        return True
    if metric == "itl_p50_ms" and value < 0.02:
        return True
    behind = level.get("samples", {}).get(metric)
    requests, errors = level.get("requests"), level.get("errors")
    counted = None not in (behind, requests, errors)
    return counted and behind < 0.9 * (requests - errors)


def by_length(row, name, a, b):
    """A closed loop's throughput and latency move with the length of outputs."""
    metric, status = row["metric"], row["status"]
    left, right = a["levels"][name], b["levels"][name]
    lengths = left.get("osl_mean"), right.get("osl_mean")
    if metric not in ("throughput_toks_per_s", "request_latency_p50_ms") or not all(lengths):
        return status
    longer = 100 * (lengths[1] - lengths[0]) / lengths[0]
    tolerance = TOLERANCE[metric]
    if not beyond(abs(longer), tolerance / 3):
        return status
    sign = -1 if metric in HIGHER else 1
    if status == "REGRESSED" and not beyond(sign * (row["delta_pct"] - longer), tolerance):
        return "UNRESOLVED"
    if status == "WITHIN" and metric == "throughput_toks_per_s":
        per_second = [
            level.get("per_second") or level["throughput_toks_per_s"] / level["osl_mean"] for level in (left, right)
        ]
        if beyond(-100 * (per_second[1] - per_second[0]) / per_second[0], tolerance):
            return "UNRESOLVED"
    return status


def rows_of(a, b):
    rows, lost = [], []
    for name in sorted(set(a["levels"]) | set(b["levels"]), key=int):
        left, right = a["levels"].get(name), b["levels"].get(name)
        both = left is not None and right is not None
        twin = both and same_run(name, a, b)
        if left is not None and (right is None or twin):
            lost.append(name)
        for metric, tolerance, higher in LEVEL:
            values = [(side or {}).get(metric) for side in (left, right)]
            row = compare(metric, name, *values, tolerance, higher, True)
            rows.append(row)
            if not both:
                row["status"] = "UNMATCHED_LEVEL"
                continue
            bad = [artefact(metric, name, at, (a, b)) for at in (0, 1)]
            if row["status"] == "NULL_LEGACY_BASELINE":
                gone = values[0] is not None
            elif differently(metric, a, b):
                row["status"], gone = "DEFINITION_MISMATCH", True
            elif twin or any(bad):
                row["status"], gone = "UNRELIABLE", True
            else:
                row["status"], gone = by_length(row, name, a, b), False
            if gone and not bad[0]:
                lost.append(metric)
        row = errors_row(name, left, right)
        if row["status"] == "NULL_LEGACY_BASELINE" and row["baseline"] is not None:
            lost.append(row["metric"])
        elif twin and row["delta"] is not None:
            row["status"] = "UNRELIABLE"
        rows.append(row if both else row | {"status": "UNMATCHED_LEVEL"})
    for metric, tolerance, higher in SERVER:
        row = compare(metric, "server", a["server"].get(metric), b["server"].get(metric), tolerance, higher, False)
        if row["status"] != "NULL_LEGACY_BASELINE" and differently(metric, a, b):
            row["status"] = "DEFINITION_MISMATCH"
        if row["status"] in ("NULL_LEGACY_BASELINE", "DEFINITION_MISMATCH") and row["baseline"] is not None:
            lost.append(metric)
        rows.append(row)
    for name in sorted(set(a["classes"]) | set(b["classes"])):
        metric = f"kernel_class_gpu_pct.{name}"
        rows.append(compare(metric, "profile", a["classes"].get(name), b["classes"].get(name), 3, False, False))
    rows.append(compare("cpu_spinpoll_pct", "profile", a.get("spin"), b.get("spin"), 5, False, False))
    return rows, lost


def differently(metric, a, b):
    names = [metric] + [name for name, covered in COVERS.items() if metric in covered]
    both = [[side.get("definitions", {}).get(name) for side in (a, b)] for name in names]
    return any(None not in pair and pair[0] != pair[1] for pair in both)


def mismatched(a, b, vary):
    names = []
    for name, value in a["identity"].items():
        other = b["identity"].get(name)
        if value is not None and other is not None and str(value).lower() != str(other).lower():
            names.append(name)
    for name in ("isl", "osl"):
        for level in set(a["levels"]) & set(b["levels"]):
            left, right = a["levels"][level], b["levels"][level]
            x, y = left.get(name + "_mean"), right.get(name + "_mean")
            whole = all((rate(side) or 0) <= 0.01 for side in (left, right))
            if whole and None not in (x, y) and abs(y - x) > 0.05 * x + 1e-9 and name not in names:
                names.append(name)
    return [name for name in names if name not in vary]


def succeeded(level):
    """Whether anything did: counts first, then throughput, then any number, then errors beside none."""
    if level.get("requests") is not None and level.get("errors") is not None:
        return level["requests"] > level["errors"]
    if level.get("throughput_toks_per_s") is not None:
        return level["throughput_toks_per_s"] > 0
    if any(level.get(metric) is not None for metric, _, _ in LEVEL):
        return True
    return False if level.get("errors") else None


def observations(rows):
    """Regressed rows without the profile's, decode speed of a level once."""
    seen, counted = set(), []
    for row in rows:
        if row["status"] != "REGRESSED" or row["level"] == "profile":
            continue
        if row["metric"] in DECODE:
            if row["level"] in seen:
                continue
            seen.add(row["level"])
        counted.append(row)
    return counted


def low_samples(row, a, b):
    """p95 of fewer than 59 requests and p99 of fewer than 299 are no percentiles."""
    need = {"ttft_p95_ms": 59, "ttft_p99_ms": 299}.get(row["metric"], 0)
    have = []
    for side in (a, b):
        level = side["levels"][row["level"]]
        counted = level.get("samples", {}).get(row["metric"])
        if counted is None and None not in (level.get("requests"), level.get("errors")):
            counted = level["requests"] - level["errors"]
        have += [] if counted is None else [counted]
    return bool(have) and min(have) < need


def severe(rows, a, b):
    families = {}
    for row in rows:
        metric = row["metric"]
        if row["status"] == "REGRESSED" and metric in TOLERANCE and not low_samples(row, a, b):
            worse = -row["delta_pct"] if metric in HIGHER else row["delta_pct"]
            if beyond(worse, 5 * TOLERANCE[metric]):
                family = "ttft" if metric in TTFT else "decode" if metric in DECODE else metric
                families.setdefault(row["level"], set()).add(family)
    return any("throughput_toks_per_s" in found or len(found) > 1 for found in families.values())


def rule(a, b, rows, lost, vary, headline):
    common = [level for level in a["levels"] if level in b["levels"]]
    pair = lambda level: (a["levels"][level], b["levels"][level])
    find = lambda metric, level: next((r for r in rows if r["metric"] == metric and r["level"] == level), None)
    if mismatched(a, b, vary):
        return "NO_VERDICT", "not-comparable"
    twins = [level for level in common if same_run(level, a, b)]
    if headline in twins or (common and twins == common):
        return "NO_VERDICT", "same-run"
    for level in common:
        left, right = pair(level)
        row = find("error_rate", level) or find("errors", level)
        high = (rate(right) or 0) > 0.10
        if high and row["status"] == "REGRESSED" and more_fail(left, right):
            return "RED", "failed-level"
        if high and rate(left) is None and failures(right)[0] >= 2:
            return "RED", "failed-level"
        if succeeded(right) is False and succeeded(left):
            return "RED", "failed-level"
    whole = [one for side in (a, b) for one in side.get("validity") or []]
    if any(one.startswith(INVALID) for one in whole) or invalid(headline, a) or invalid(headline, b):
        return "NO_VERDICT", "invalid-run"
    judged = [r for r in rows if r["metric"] in TOLERANCE and r["level"] in common]
    judged = [r for r in judged if r["status"] in ("REGRESSED", "UNRESOLVED", "IMPROVED", "WITHIN")]
    if not judged:
        return "NO_VERDICT", "nothing-comparable"
    head = find("throughput_toks_per_s", headline)
    if head["status"] == "REGRESSED":
        return "RED", "headline"
    if severe(rows, a, b):
        return "RED", "severe"
    if headline in common:
        left, right = pair(headline)
        rates = rate(left), rate(right)
        if None not in rates and beyond(rates[1] - rates[0], 0.05) and more_fail(left, right):
            return "RED", "severe"
    counted = observations(rows)
    places = {row["level"] for row in counted}
    if len(counted) >= 3 and len(places) > 1:
        return "RED", "many"
    if None in (head["baseline"], head["current"]) or head["status"] in ("UNRELIABLE", "DEFINITION_MISMATCH"):
        return "NO_VERDICT", "headline-unmeasured"
    if len(counted) >= 3:
        return "YELLOW", "localized"
    if any(row["status"] == "REGRESSED" for row in rows):
        return "YELLOW", "few"
    if any(row["status"] == "UNRESOLVED" for row in rows):
        return "YELLOW", "unresolved"
    for level in common:
        left, right = pair(level)
        counts = failures(right)
        unknown = rate(left) is None and counts and counts[0] >= 2 and beyond(rate(right), 0.01)
        uncounted = counts is None and beyond((right.get("errors") or 0) - (left.get("errors") or 0), 1)
        if (rate(right) or 0) > 0.10 or unknown or uncounted or succeeded(left) is False or succeeded(right) is False:
            return "YELLOW", "unhealthy"
    if b.get("restarted") and not a.get("restarted"):
        return "YELLOW", "unhealthy"
    if lost:
        return "YELLOW", "lost"
    return "GREEN", "none"


def judge(a, b, vary=(), headline=None):
    nearest = lambda level: (abs(int(level) - 16), -int(level))
    headline = str(headline or min(a["levels"], key=nearest))
    rows, lost = rows_of(a, b)
    verdict, name = rule(a, b, rows, lost, vary, headline)
    codes = {"GREEN": 0, "YELLOW": 0, "RED": 1, "NO_VERDICT": 3}
    return {"verdict": verdict, "rule": name, "exit_code": codes[verdict], "headline_level": headline, "rows": rows}
