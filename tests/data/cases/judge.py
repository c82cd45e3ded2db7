"""The judging rules a second time, from the design and not from the Rust code, for runs without trials.

A side is a dict: levels {"16": {metric: number}}, server, profile, samples, identity, definitions.
"""

LEVEL = [  # metric, tolerance in percent, whether more is better
    ("throughput_toks_per_s", 3, True),
    ("ttft_p50_ms", 5, False),
    ("ttft_p95_ms", 10, False),
    ("ttft_p99_ms", 15, False),
    ("itl_p50_ms", 3, False),
    ("tps_per_user", 3, True),
    ("request_latency_p50_ms", 5, False),
]
SERVER = [("prefix_cache_hit_rate_post", 0.02, True), ("gpu_cache_usage_perc_peak", 0.05, False)]
STREAMS = {"itl_p50_ms", "tps_per_user", "ttft_p50_ms", "ttft_p95_ms", "ttft_p99_ms"}


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


def rate(level):
    errors, requests = level.get("errors"), level.get("requests")
    return None if errors is None or not requests else errors / requests


def errors_row(name, a, b):
    rates = [rate(a or {}), rate(b or {})]
    one_sided = a is None or b is None
    if None not in rates or (one_sided and rates != [None, None]):
        return compare("error_rate", name, *rates, 0.01, False, False)
    counts = [(side or {}).get("errors") for side in (a, b)]
    return compare("errors", name, *counts, 0, False, False)


def unreliable(metric, sides, coalesced):
    if coalesced and metric in STREAMS:
        return True
    for at, side in enumerate(sides):
        value = side.get(metric)
        if value == 0 and (metric.endswith("_ms") or at == 0):
            return True
        behind = side.get("samples", {}).get(metric)
        requests, errors = side.get("requests"), side.get("errors")
        if behind is not None and requests is not None and errors is not None and behind < 0.9 * (requests - errors):
            return True
    return False


def rows_of(a, b):
    rows = []
    for name in sorted(set(a["levels"]) | set(b["levels"]), key=int):
        left, right = a["levels"].get(name), b["levels"].get(name)
        both = left is not None and right is not None
        coalesced = both and any(side.get("itl_p50_ms") == 0 for side in (left, right))
        for metric, tolerance, higher in LEVEL:
            values = [(side or {}).get(metric) for side in (left, right)]
            row = compare(metric, name, *values, tolerance, higher, True)
            if not both:
                row["status"] = "UNMATCHED_LEVEL"
            elif row["status"] != "NULL_LEGACY_BASELINE":
                if differently(metric, a, b):
                    row["status"] = "DEFINITION_MISMATCH"
                elif unreliable(metric, (left, right), coalesced):
                    row["status"] = "UNRELIABLE"
            rows.append(row)
        row = errors_row(name, left, right)
        rows.append(row if both else row | {"status": "UNMATCHED_LEVEL"})
    for metric, tolerance, higher in SERVER:
        row = compare(metric, "server", a["server"].get(metric), b["server"].get(metric), tolerance, higher, False)
        if row["status"] != "NULL_LEGACY_BASELINE" and differently(metric, a, b):
            row["status"] = "DEFINITION_MISMATCH"
        rows.append(row)
    for name in sorted(set(a["classes"]) | set(b["classes"])):
        metric = f"kernel_class_gpu_pct.{name}"
        rows.append(compare(metric, "profile", a["classes"].get(name), b["classes"].get(name), 3, False, False))
    rows.append(compare("cpu_spinpoll_pct", "profile", a.get("spin"), b.get("spin"), 5, False, False))
    return rows


def differently(metric, a, b):
    both = [side.get("definitions", {}).get(metric) for side in (a, b)]
    return None not in both and both[0] != both[1]


def mismatched(a, b, vary):
    names = []
    for name, value in a["identity"].items():
        other = b["identity"].get(name)
        if value is not None and other is not None and str(value).lower() != str(other).lower():
            names.append(name)
    for name in ("isl", "osl"):
        for level in set(a["levels"]) & set(b["levels"]):
            x, y = a["levels"][level].get(name + "_mean"), b["levels"][level].get(name + "_mean")
            if x is not None and y is not None and abs(y - x) > 0.05 * x + 1e-9 and name not in names:
                names.append(name)
    return [name for name in names if name not in vary]


def succeeded(level):
    if level.get("requests") is None or level.get("errors") is None:
        return level.get("throughput_toks_per_s")
    return level["requests"] - level["errors"]


def rule(a, b, rows, vary, headline):
    common = [level for level in a["levels"] if level in b["levels"]]
    regressed = [row for row in rows if row["status"] == "REGRESSED"]
    find = lambda metric, level: next((r for r in rows if r["metric"] == metric and r["level"] == level), None)
    if mismatched(a, b, vary):
        return "NO_VERDICT", "not-comparable"
    for level in common:
        left, right = a["levels"][level], b["levels"][level]
        row = find("error_rate", level) or find("errors", level)
        if (rate(right) or 0) > 0.10 and row["status"] == "REGRESSED":
            return "RED", "failed-level"
        if succeeded(right) == 0 and (succeeded(left) or 0) > 0:
            return "RED", "failed-level"
    performance = {metric for metric, _, _ in LEVEL}
    judged = [r for r in rows if r["metric"] in performance and r["status"] in ("REGRESSED", "IMPROVED", "WITHIN")]
    if not judged:
        return "NO_VERDICT", "nothing-comparable"
    head = find("throughput_toks_per_s", headline)
    if head["status"] == "REGRESSED":
        return "RED", "headline"
    levels = {row["level"] for row in regressed}
    localized = len(levels) == 1 and levels.isdisjoint({"server", "profile"})
    if len(regressed) >= 3 and not localized:
        return "RED", "many"
    if head["current"] is None or head["status"] in ("UNRELIABLE", "DEFINITION_MISMATCH"):
        return "NO_VERDICT", "headline-unmeasured"
    if regressed:
        return "YELLOW", "localized" if len(regressed) >= 3 else "few"
    if any((rate(b["levels"][level]) or 0) > 0.10 for level in common):
        return "YELLOW", "unhealthy"
    lost = any(
        row["status"] == "NULL_LEGACY_BASELINE" and row["baseline"] is not None and row["level"].isdigit()
        for row in rows
    )
    if lost or set(a["levels"]) - set(b["levels"]):
        return "YELLOW", "lost"
    return "GREEN", "none"


def judge(a, b, vary=(), headline=None):
    nearest = lambda level: (abs(int(level) - 16), -int(level))
    headline = str(headline or min(a["levels"], key=nearest))
    rows = rows_of(a, b)
    verdict, name = rule(a, b, rows, vary, headline)
    codes = {"GREEN": 0, "YELLOW": 0, "RED": 1, "NO_VERDICT": 3}
    return {"verdict": verdict, "rule": name, "exit_code": codes[verdict], "headline_level": headline, "rows": rows}
