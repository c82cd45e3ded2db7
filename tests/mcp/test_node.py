"""The inspector's command line over stdio, and the conformance suite over HTTP on loopback. Both are npm packages of
the protocol's authors and run under the npm package `node`, because the inspector wants a newer Node than many have."""

import contextlib
import json
import re
import subprocess
import tempfile
import unittest

from support import HERE, NODE_MODULES, SERVER, TIMEOUT, make_root, server_command

NODE = NODE_MODULES / ".bin" / "node"


class WithRoot(unittest.TestCase):
    def setUp(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.root = make_root(stack)


class Inspector(WithRoot):
    def inspect(self, *args):
        command = [NODE, NODE_MODULES / ".bin" / "inspector", "--cli", *server_command(self.root), *args]
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT)
        return done.returncode, json.loads(done.stdout), done.stderr

    def call(self, tool, *args):
        words = [word for arg in args for word in ("--tool-arg", arg)]
        return self.inspect("--method", "tools/call", "--tool-name", tool, *words)

    def test_the_tools_are_listed(self):
        code, listed, _ = self.inspect("--method", "tools/list")
        self.assertEqual(code, 0)
        self.assertEqual(
            sorted(tool["name"] for tool in listed["tools"]),
            ["perf_baseline_diff", "perf_baseline_record", "search_evidence", "search_runbooks"],
        )

    def test_a_baseline_is_recorded_compared_and_found(self):
        source = str(self.root / "inputs/flat_base.json")
        args = ["--family", "inference", "--measurement", "inspected", "--source", source, "--direction", "two-sided"]
        code, recorded, _ = self.call("perf_baseline_record", "params=" + json.dumps({"args": args}))
        self.assertEqual((code, recorded["structuredContent"]["returncode"]), (0, 0))
        entry = recorded["structuredContent"]["json"]["entry_dir"]
        args = ["--baseline", entry, "--current", str(self.root / "inputs/flat_red.json")]
        code, compared, _ = self.call("perf_baseline_diff", "args=" + json.dumps(args))
        self.assertEqual((code, compared["structuredContent"]["json"]["verdict"]), (0, "RED"))
        code, found, _ = self.call("search_evidence", "query=inspected", "limit=3")
        self.assertEqual((code, len(found["structuredContent"]["json"]["matches"])), (0, 3))

    def test_a_refusal_is_reported_as_one(self):
        code, refused, words = self.call("perf_baseline_diff", 'args=["--baseline", "/nowhere", "--current", "x"]')
        self.assertTrue(refused["isError"])
        self.assertIn("FATAL: --baseline must be a registry entry directory", refused["content"][0]["text"])
        self.assertNotEqual(code, 0)
        self.assertIn("tool_is_error", words)


class Conformance(WithRoot):
    def test_every_scenario_that_is_not_expected_to_fail_passes(self):
        server = subprocess.Popen([SERVER, self.root, "--http", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        try:
            address = server.stdout.readline().strip()
            with tempfile.TemporaryDirectory() as elsewhere:
                done = subprocess.run(
                    [
                        NODE,
                        NODE_MODULES / ".bin" / "conformance",
                        "server",
                        "--url",
                        f"http://{address}/mcp",
                        "--suite",
                        "all",
                        "--expected-failures",
                        HERE / "conformance.yml",
                    ],
                    capture_output=True,
                    text=True,
                    timeout=10 * TIMEOUT,
                    cwd=elsewhere,
                )
        finally:
            server.kill()
            server.stdout.close()
            server.wait()
        self.assertEqual(done.returncode, 0, done.stdout[-6000:] + done.stderr[-2000:])
        # An empty run would pass as well.
        passed, _ = map(int, re.search(r"Total: (\d+) passed, (\d+) failed", done.stdout).groups())
        self.assertGreaterEqual(passed, 100)
        for scenario in ("server-initialize", "tools-list", "dns-rebinding-protection", "http-header-validation"):
            self.assertRegex(done.stdout, rf"\u2713 {scenario}: [1-9]\d* passed, 0 failed")
