"""A server that keeps the contract of the four verbs, written with the official Python SDK: what our client is tested
against. `--shape old` knows no --direction and checks no names. It keeps a small registry that is good enough to be
recorded in and compared with; it is no model of how to keep one.

Misbehaviour is asked for with `--fail WHERE:HOW`. WHERE is `start`, `initialize`, `list` or the name of a tool; HOW is
`die`, `hang`, `garbage`, `flood` (and then go on), `raise` or, for `initialize`, `version`.
"""

import argparse
import contextlib
import hashlib
import io
import json
import os
import pathlib
import re
import signal
import sys
import time
from typing import Any

from mcp.server.fastmcp import FastMCP
from mcp.server.lowlevel import server as lowlevel

DIRECTIONS = ["higher-is-better", "lower-is-better", "two-sided"]
SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
options = None


class Refused(Exception):
    """A refusal with a return code."""

    def __init__(self, message, code=2):
        super().__init__(message)
        self.code = code


def parser():
    top = argparse.ArgumentParser(prog="reference")
    verbs = top.add_subparsers(dest="verb", required=True)
    record = verbs.add_parser("record")
    for name in ("--family", "--measurement", "--source"):
        record.add_argument(name, required=True)
    if options.shape == "new":
        record.add_argument("--direction", required=True, choices=DIRECTIONS)
    record.add_argument("--value", type=float)
    for name in ("--unit", "--schema", "--repo-root"):
        record.add_argument(name)
    record.add_argument("--notes", default="")
    record.add_argument("--json", action="store_true")
    diff = verbs.add_parser("diff")
    for name in ("--baseline", "--current"):
        diff.add_argument(name, required=True)
    diff.add_argument("--tolerance-percent", type=float, default=5.0)
    diff.add_argument("--repo-root")
    diff.add_argument("--json", action="store_true")
    return top


def slug():
    now = time.time()
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(now))
    return stamp + ("Z" if options.shape == "old" else f"{int(now * 1e6) % 1000000:06d}Z")


def record(args):
    source = pathlib.Path(args.source)
    if not source.exists():
        raise Refused(f"--source does not exist: {source}")
    for label in ("family", "measurement"):
        if options.shape == "new" and not SAFE.fullmatch(getattr(args, label)):
            raise Refused(f"{label} must be one safe path segment")
    data = source.read_bytes()
    place = options.root / "experiments/artifacts/perf-baselines" / args.family / args.measurement / slug()
    place.mkdir(parents=True)
    (place / f"source-snapshot{source.suffix}").write_bytes(data)
    baseline = {
        "family": args.family,
        "measurement": args.measurement,
        "notes": args.notes,
        "unit": args.unit,
        "value": args.value,
        "source_path": str(source),
        "source_sha256": hashlib.sha256(data).hexdigest(),
    }
    if options.shape == "new":
        baseline["direction"] = args.direction
    (place / "baseline.json").write_text(json.dumps(baseline, indent=2, sort_keys=True) + "\n")
    payload = {
        "entry_dir": str(place),
        "baseline_json": str(place / "baseline.json"),
        "slug": place.name,
        "source_sha256": baseline["source_sha256"],
    }
    if options.shape == "new":
        payload["direction"] = args.direction
    return payload


def numbers(path):
    document = json.loads(path.read_text())
    return {key: float(value) for key, value in document.items() if isinstance(value, (int, float))}


def diff(args):
    entry = pathlib.Path(args.baseline)
    if not entry.is_dir():
        raise Refused(f"--baseline must be a registry entry directory: {entry}")
    if not (entry / "baseline.json").exists():
        raise Refused(f"not a baseline directory (no baseline.json): {entry}", 1)
    if not pathlib.Path(args.current).exists():
        raise Refused(f"--current does not exist: {args.current}")
    meta = json.loads((entry / "baseline.json").read_text())
    before, after = numbers(next(entry.glob("source-snapshot*"))), numbers(pathlib.Path(args.current))
    shared = sorted(before.keys() & after.keys())
    over = [key for key in shared if abs(after[key] - before[key]) * 100 > args.tolerance_percent * abs(before[key])]
    place = options.root / "experiments/artifacts/perf-baseline-diffs" / meta["family"] / meta["measurement"] / slug()
    place.mkdir(parents=True)
    verdict = "GREEN" if not over else "YELLOW" if len(over) < 3 else "RED"
    return {
        "diff_dir": str(place),
        "verdict": verdict,
        "deltas_count": len(shared),
        "tolerance_percent": args.tolerance_percent,
    }


def run(tool, verb, params):
    params = params or {}
    args = params.get("args") or []
    if isinstance(args, str):
        args = [args]
    if not isinstance(args, list) or not all(isinstance(arg, str) for arg in args):
        raise TypeError("params['args'] must be a string or list of strings")
    args = args if "--json" in args else [*args, "--json"]
    out, err, code, payload = io.StringIO(), io.StringIO(), 0, None
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            parsed = parser().parse_args([verb, *args])
        payload = {"record": record, "diff": diff}[verb](parsed)
        payload |= {"tool": tool, "library": "perf_baseline", "verb": verb, "safety": "writes_artifacts"}
        out.write(json.dumps(payload, indent=2, sort_keys=True) + "\n")
    except SystemExit as end:
        code = end.code or 0
    except Refused as refused:
        code = refused.code
        err.write(f"FATAL: {refused}\n")
    found = envelope(tool, "perf_baseline", verb, "writes_artifacts", args, code, out, err, payload)
    return found if code == 0 or params.get("allow_nonzero") is True else raise_envelope(found)


def envelope(tool, library, verb, safety, args, code, out, err, payload):
    return {
        "tool": tool,
        "library": library,
        "verb": verb,
        "safety": safety,
        "ack_required": False,
        "ack_field": None,
        "args": args,
        "returncode": code,
        "stdout": out.getvalue(),
        "stderr": err.getvalue(),
        "json": payload,
    }


def raise_envelope(found):
    raise RuntimeError(json.dumps(found, sort_keys=True))


def search(tool, trees, query, limit):
    if not 1 <= limit <= 100:
        raise ValueError("limit must be between 1 and 100")
    args = [query, "--limit", str(limit), "--paths", *trees]
    out, err, matches, code = io.StringIO(), io.StringIO(), [], 1
    try:
        pattern = re.compile(query)
        for tree in trees:
            for path in sorted(path for path in (options.root / tree).rglob("*") if path.is_file()):
                for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
                    if pattern.search(line):
                        matches.append(f"{path.relative_to(options.root)}:{number}:{line}")
        matches = matches[:limit]
        code = 0 if matches else 1
    except re.error as error:
        code = 2
        err.write(f"{error}\n")
    out.write("".join(line + "\n" for line in matches))
    payload = {"query": query, "paths": trees, "matches": matches}
    return envelope(tool, "mcp_aux", "search", "read_only", args, code, out, err, payload)


def misbehave(where):
    """Does what was asked for at this point."""
    place, _, how = (options.fail or ":").partition(":")
    if place != where:
        return
    if how == "die":
        print("out of memory, says the reference server", file=sys.stderr, flush=True)
        os._exit(3)
    if how == "hang":
        signal.pause()
    if how == "garbage":
        os.write(1, b"INFO: loading the registry\n")
    if how == "flood":
        for _ in range(2000):
            sys.stderr.write("x" * 999 + "\n")
        sys.stderr.flush()
    if how == "raise":
        raise OSError(2, "No such file or directory", "git")


def raw_version():
    """Answers `initialize` with a version that nobody knows."""
    request = json.loads(sys.stdin.readline())
    result = {"protocolVersion": "9999-12-31", "capabilities": {}, "serverInfo": {"name": "future", "version": "1"}}
    print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}), flush=True)
    sys.stdin.read()


def build():
    server = FastMCP("profile_and_optimize", log_level="ERROR")
    structured = None if options.form == "structured" else False

    @server.tool(structured_output=structured)
    def perf_baseline_record(params: dict[str, Any] | None = None) -> dict[str, Any]:
        misbehave("perf_baseline_record")
        return run("perf_baseline_record", "record", params)

    @server.tool(structured_output=structured)
    def perf_baseline_diff(params: dict[str, Any] | None = None) -> dict[str, Any]:
        misbehave("perf_baseline_diff")
        return run("perf_baseline_diff", "diff", params)

    @server.tool(structured_output=structured)
    def search_evidence(query: str, limit: int = 50) -> dict[str, Any]:
        misbehave("search_evidence")
        return search("search_evidence", ["experiments/artifacts"], query, limit)

    @server.tool(structured_output=structured)
    def search_runbooks(query: str, limit: int = 50) -> dict[str, Any]:
        misbehave("search_runbooks")
        return search("search_runbooks", ["runbooks", "docs"], query, limit)

    return server


def intercept():
    """Lets `initialize` and `list` misbehave: the SDK has no hook for them."""
    session = lowlevel.ServerSession
    received = session._received_request

    async def watched(self, responder):
        method = responder.request.root.method
        misbehave({"initialize": "initialize", "tools/list": "list"}.get(method, method))
        return await received(self, responder)

    session._received_request = watched


def main():
    global options
    given = argparse.ArgumentParser()
    given.add_argument("root", type=pathlib.Path)
    given.add_argument("--shape", choices=["new", "old"], default="new")
    given.add_argument("--form", choices=["structured", "text"], default="structured")
    given.add_argument("--fail")
    options = given.parse_args()
    misbehave("start")
    if options.fail == "initialize:version":
        raw_version()
    else:
        intercept()
        build().run()


if __name__ == "__main__":
    main()
