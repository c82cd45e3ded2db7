"""Our client drives a server written with the official Python SDK: both generations of the contract, both ways to
deliver a result, and servers that misbehave at every step."""

import contextlib
import json
import pathlib
import shlex
import subprocess
import unittest
from concurrent import futures

from support import CLIENT, TIMEOUT, OurClient, make_root, reference_command, session, text_of


class WithRoot(unittest.TestCase):
    def setUp(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.root = make_root(stack)

    def client(self, *server_options, options=()):
        client = OurClient(reference_command(self.root, *server_options), *options)
        self.addCleanup(client.close)
        return client

    def record(self, client, measurement, *more, family="inference"):
        return client.ask(
            "record",
            "--family",
            family,
            "--measurement",
            measurement,
            "--source",
            str(self.root / "inputs/flat_base.json"),
            *more,
        )

    def diff(self, client, entry, current="flat_red"):
        return client.ask("diff", "--baseline", entry, "--current", str(self.root / f"inputs/{current}.json"))


class BothGenerations(WithRoot):
    def check(self, *server_options):
        """The same calls, and what the caller sees, for every server that behaves."""
        client = self.client(*server_options)
        self.assertEqual(client.hello["hello"]["name"], "profile_and_optimize")
        entries = []
        for more in ([], ["--direction", "two-sided"], ["--dir=two-sided"]):
            recorded = self.record(client, f"m{len(more)}{len(str(more))}", *more)["envelope"]
            self.assertEqual((recorded["returncode"], recorded["stderr"]), (0, ""))
            entries.append(recorded["json"]["entry_dir"])
            self.assertTrue(pathlib.Path(entries[-1], "baseline.json").is_file())
        # Two comparisons of one measurement in one second collide on an old server.
        compared = self.diff(client, entries[0])["envelope"]
        self.assertEqual((compared["returncode"], compared["json"]["verdict"]), (0, "RED"))
        self.assertEqual(self.diff(client, entries[1], "flat_base")["envelope"]["json"]["verdict"], "GREEN")
        self.assertEqual(self.diff(client, str(self.root / "docs"))["envelope"]["returncode"], 1)
        refused = self.record(client, "m", family="../../../escape")["envelope"]
        self.assertEqual((refused["returncode"], refused["json"]), (2, None))
        self.assertEqual(refused["stderr"], "FATAL: family must be one safe path segment\n")
        self.assertFalse((self.root / "escape").exists())
        found = client.ask("evidence", '"measurement": "m', "10")["envelope"]
        self.assertEqual((found["returncode"], len(found["json"]["matches"])), (0, 3))
        self.assertEqual(client.ask("runbooks", "absent", "10")["envelope"]["returncode"], 1)
        self.assertEqual(client.ask("runbooks", "(", "10")["envelope"]["returncode"], 2)
        self.assertEqual(client.ask("runbooks", "x", "101"), {"error": "limit must be between 1 and 100"})
        return client

    def test_a_new_server(self):
        client = self.check("--shape", "new")
        kept = self.record(client, "lower", "--direction", "lower-is-better")["envelope"]
        self.assertEqual(kept["json"]["direction"], "lower-is-better")

    def test_an_old_server(self):
        client = self.check("--shape", "old")
        dropped = self.record(client, "lower", "--direction", "lower-is-better")["envelope"]
        self.assertEqual(dropped["returncode"], 0)
        self.assertEqual(
            dropped["stderr"],
            "warning: this server is of a generation that keeps no direction; "
            "lower-is-better is not recorded and its comparisons are two-sided\n",
        )
        incomplete = client.ask("record", "--family", "f")["envelope"]
        self.assertEqual(incomplete["returncode"], 2)
        self.assertIn("the following arguments are required: --measurement, --source", incomplete["stderr"])

    def test_a_new_server_that_delivers_text_alone(self):
        self.check("--shape", "new", "--form", "text")

    def test_an_old_server_that_delivers_text_alone(self):
        self.check("--shape", "old", "--form", "text")

    def test_an_exception_in_the_verb(self):
        client = self.client("--fail", "perf_baseline_diff:raise")
        entry = self.record(client, "m")["envelope"]["json"]["entry_dir"]
        self.assertEqual(self.diff(client, entry), {"error": "[Errno 2] No such file or directory: 'git'"})
        self.assertEqual(self.record(client, "again")["envelope"]["returncode"], 0)

    def test_what_a_big_reply_holds_arrives(self):
        client = self.client()
        notes = "\u00e9\U0001f600" * 300_000
        recorded = self.record(client, "big", f"--notes={notes}")["envelope"]
        self.assertEqual(recorded["args"][6], f"--notes={notes}")
        self.assertEqual(json.loads(pathlib.Path(recorded["json"]["baseline_json"]).read_text())["notes"], notes)


class Reference(unittest.IsolatedAsyncioTestCase):
    """The reference server has the forms it is meant to have, as the official client sees them."""

    async def test_the_three_forms(self):
        with contextlib.ExitStack() as stack:
            root = make_root(stack)
            for form, structured in [("structured", True), ("text", False)]:
                command = shlex.split(reference_command(root, "--form", form))
                async with session(root, command) as client:
                    good = await client.call_tool("perf_baseline_record", {"params": {"args": ["--help"]}})
                    self.assertEqual((good.isError, good.structuredContent is not None), (False, structured))
                    self.assertEqual(json.loads(text_of(good))["returncode"], 0)
                    bad = await client.call_tool("perf_baseline_record", {"params": {"args": ["--nope"]}})
                    self.assertEqual((bad.isError, bad.structuredContent), (True, None))
                    prefix = "Error executing tool perf_baseline_record: "
                    self.assertEqual(json.loads(text_of(bad).removeprefix(prefix))["returncode"], 2)
                    raised = await client.call_tool("search_evidence", {"query": "x", "limit": 0})
                    self.assertEqual(
                        text_of(raised), "Error executing tool search_evidence: limit must be between 1 and 100"
                    )


class Misbehaviour(WithRoot):
    def fails(self, where, how, *, timeout="20"):
        """What the user is told about the first call that fails, at whatever step that is."""
        with OurClient(reference_command(self.root, "--fail", f"{where}:{how}"), "--timeout", timeout) as client:
            told = client.hello
            if "hello" in told:
                # Only the second question of a session can be a comparison: the probe comes first.
                told = client.ask("evidence", "x", "1") if where == "search_evidence" else self.diff(client, "x")
        self.assertTrue(told["error"].startswith("the MCP server `"), told)
        self.assertIn(f"reference_server.py {self.root} --fail {where}:{how}`", told["error"])
        return told["error"]

    def test_it_dies(self):
        for where, step in [
            ("start", "initialize"),
            ("initialize", "initialize"),
            ("search_evidence", "search_evidence"),
            ("perf_baseline_diff", "perf_baseline_diff"),
        ]:
            with self.subTest(where):
                error = self.fails(where, "die")
                self.assertIn(f"ended during {step} (exit status: 3)", error)
                self.assertTrue(
                    error.endswith("\nThe end of the server's stderr:\nout of memory, says the reference server")
                )

    def test_it_hangs(self):
        steps = {
            "start": "initialize",
            "initialize": "initialize",
            "search_evidence": "search_evidence",
            "perf_baseline_diff": "perf_baseline_diff",
        }
        # Long enough for a slow machine to start Python, so all at once.
        with futures.ThreadPoolExecutor() as pool:
            errors = pool.map(lambda where: self.fails(where, "hang", timeout="10"), steps)
        for (where, step), error in zip(steps.items(), errors, strict=True):
            with self.subTest(where):
                self.assertIn(f"did not answer {step} within 10 s and was ended", error)

    def test_it_prints_garbage(self):
        for where, step in [
            ("start", "initialize"),
            ("initialize", "initialize"),
            ("search_evidence", "search_evidence"),
            ("perf_baseline_diff", "perf_baseline_diff"),
        ]:
            with self.subTest(where):
                error = self.fails(where, "garbage")
                self.assertIn(f'during {step} that is no MCP message: "INFO: loading the registry"', error)

    def test_a_write_whose_fate_is_unknown_says_so(self):
        with OurClient(reference_command(self.root, "--fail", "perf_baseline_record:die")) as client:
            error = self.record(client, "m")["error"]
            self.assertIn("ended during the probe (record --help) (exit status: 3)", error)
            self.assertNotIn("not known", error)
        self.assertIn(
            "Whether the comparison was written is not known: look below experiments/artifacts/perf-baseline-diffs",
            self.fails("perf_baseline_diff", "die"),
        )

    def test_a_flood_on_stderr_disturbs_nothing(self):
        client = self.client("--fail", "perf_baseline_record:flood")
        for measurement in ("a", "b"):
            self.assertEqual(self.record(client, measurement)["envelope"]["returncode"], 0)

    def test_another_protocol_version(self):
        error = self.fails("initialize", "version")
        self.assertTrue(
            error.endswith(
                'answered initialize with protocol version "9999-12-31"; this client speaks '
                "2024-11-05, 2025-03-26, 2025-06-18, 2025-11-25"
            ),
            error,
        )


class Doctor(WithRoot):
    def examine(self, *server_options):
        command = [str(CLIENT), "--timeout", "10", "--doctor", reference_command(self.root, *server_options)]
        return json.loads(subprocess.run(command, capture_output=True, check=True, timeout=TIMEOUT).stdout)

    def test_sound_servers(self):
        for shape, words in [("new", "new: record takes --direction"), ("old", "old: record takes no --direction")]:
            found = self.examine("--shape", shape)
            self.assertEqual((found["healthy"], found["generation"]), (True, shape))
            self.assertEqual(
                [step["ok"] for step in found["steps"]],
                [
                    "profile_and_optimize 1.30.0, protocol 2025-11-25",
                    "4 tools, the four verbs among them",
                    words,
                    "diff --help answers",
                    "search_runbooks works and finds nothing",
                    "search_evidence works and finds nothing",
                ],
            )
            self.assertEqual(list((self.root / "experiments/artifacts").iterdir()), [])

    def test_the_step_that_fails_is_the_last_one(self):
        steps = {
            "start": 1,
            "initialize": 1,
            "list": 2,
            "perf_baseline_record": 3,
            "perf_baseline_diff": 4,
            "search_runbooks": 5,
            "search_evidence": 6,
        }
        cases = [(where, how) for where in steps for how in ("die", "garbage", "hang")]
        with futures.ThreadPoolExecutor() as pool:
            diagnoses = pool.map(lambda case: self.examine("--fail", ":".join(case)), cases)
        for (where, how), found in zip(cases, diagnoses, strict=True):
            with self.subTest(where=where, how=how):
                self.assertFalse(found["healthy"])
                went_well = ["ok" in step for step in found["steps"]]
                self.assertEqual(went_well, [True] * (steps[where] - 1) + [False])
