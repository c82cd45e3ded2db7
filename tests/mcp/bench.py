"""Measures our server against the official Python SDK serving the same verbs trivially (`reference_server.py`):
`tests/mcp/run.py --bench`.

Cold start is the time from starting the process to the answer to `initialize`; a round trip is one `tools/call` over
the pipes of a server that has been called before. The peer talks JSON lines by hand, so that no client's cost is in
the numbers. Medians are given, because other load comes and goes.

The two do not do the same work: ours asks git for the revision, writes aside, calls fsync and renames, and reads and
hashes snapshots again; the peer writes three files and does none of that.
"""

import contextlib
import json
import shlex
import statistics
import subprocess
import sys
import time

from support import make_root, reference_command, server_command

STARTS = 21
CALLS = 201
INITIALIZE = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "0"}}
# What the project set itself, in milliseconds.
TARGETS = {"cold start": 30, "record": 2, "diff": 2, "search_evidence": 5}


class Peer:
    """One server process."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.number = 0

    def ask(self, method, params):
        self.number += 1
        message = {"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}
        self.send(message)
        while True:
            reply = json.loads(self.process.stdout.readline())
            if reply.get("id") == self.number:
                return reply["result"]

    def send(self, message):
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def initialize(self):
        self.ask("initialize", INITIALIZE)
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def call(self, tool, arguments):
        result = self.ask("tools/call", {"name": tool, "arguments": arguments})
        assert not result.get("isError"), result
        return result["structuredContent"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def cold_start(command):
    start = time.perf_counter()
    with contextlib.closing(Peer(command)) as peer:
        peer.initialize()
        return time.perf_counter() - start


def warm(peer, root):
    """The times of each verb, one list a verb, the first call of each left out."""
    source = str(root / "inputs/flat_base.json")
    record = ["--family", "inference", "--measurement", "bench", "--source", source, "--direction", "two-sided"]
    entry = peer.call("perf_baseline_record", {"params": {"args": record}})["json"]["entry_dir"]
    diff = ["--baseline", entry, "--current", source]
    calls = {
        "record": ("perf_baseline_record", {"params": {"args": record}}),
        "diff": ("perf_baseline_diff", {"params": {"args": diff}}),
        "search_evidence": ("search_evidence", {"query": "no such text"}),
    }
    # The search comes first, while the registry is small and the same for both.
    times = {}
    for name in ("search_evidence", "diff", "record"):
        times[name] = []
        for _ in range(CALLS):
            start = time.perf_counter()
            peer.call(*calls[name])
            times[name].append(time.perf_counter() - start)
        del times[name][0]
    return times


def main():
    with contextlib.ExitStack() as stack:
        roots = [make_root(stack), make_root(stack)]
        commands = [server_command(roots[0]), shlex.split(reference_command(roots[1]))]
        starts = [[], []]
        for _ in range(STARTS):
            for which in (0, 1):
                starts[which].append(cold_start(commands[which]))
        found = {"cold start": starts}
        pair = [stack.enter_context(contextlib.closing(Peer(command))) for command in commands]
        for peer in pair:
            peer.initialize()
        measured = [warm(peer, root) for peer, root in zip(pair, roots, strict=True)]
        for name in ("record", "diff", "search_evidence"):
            found[name] = [times[name] for times in measured]
    print(f"{'median of':<16} {'ours':>10} {'SDK':>10} {'ratio':>8} {'target':>9}")
    missed = []
    for name, (ours, theirs) in found.items():
        a, b = statistics.median(ours) * 1e3, statistics.median(theirs) * 1e3
        print(f"{name:<16} {a:>7.2f} ms {b:>7.2f} ms {b / a:>7.1f}x {TARGETS[name]:>6} ms")
        missed += [name] if a >= TARGETS[name] else []
    print(f"{STARTS} starts, {CALLS - 1} calls of each verb a server")
    if missed:
        print(f"above target: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
