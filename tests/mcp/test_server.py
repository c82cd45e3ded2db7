"""The official Python client drives our server over stdio."""

import asyncio
import contextlib
import functools
import json
import os
import subprocess
import unittest

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client
from mcp.shared.exceptions import McpError

from support import SERVER, make_root, server_command, session, text_of

KEYS = [
    "tool",
    "library",
    "verb",
    "safety",
    "ack_required",
    "ack_field",
    "args",
    "returncode",
    "stdout",
    "stderr",
    "json",
]
TOOLS = {"perf_baseline_record", "perf_baseline_diff", "search_evidence", "search_runbooks"}


def connected(test):
    """Runs a test between the start and the end of a client; the SDK wants both in one task."""

    @functools.wraps(test)
    async def run(self):
        with contextlib.ExitStack() as stack:
            self.root = make_root(stack)
            async with session(self.root) as self.client:
                await test(self)

    return run


class Server(unittest.IsolatedAsyncioTestCase):
    def record_args(self, measurement, source="inputs/flat_base.json", *more):
        return [
            "--family",
            "inference",
            "--measurement",
            measurement,
            "--source",
            str(self.root / source),
            "--direction",
            "two-sided",
            *more,
        ]

    async def ok(self, tool, arguments):
        """Calls a tool that must work and returns its envelope, which must stand in both places alike."""
        result = await self.client.call_tool(tool, arguments)
        self.assertFalse(result.isError, text_of(result))
        envelope = result.structuredContent
        self.assertEqual(list(envelope), KEYS)
        self.assertEqual(text_of(result), json.dumps(envelope, indent=2, ensure_ascii=False))
        return envelope

    @connected
    async def test_the_four_tools_are_listed_with_their_schemas(self):
        tools = {tool.name: tool for tool in (await self.client.list_tools()).tools}
        self.assertEqual(set(tools), TOOLS)
        for name, tool in tools.items():
            self.assertEqual(tool.inputSchema["type"], "object")
            self.assertEqual(tool.outputSchema["required"], KEYS)
            self.assertEqual(tool.annotations.readOnlyHint, name.startswith("search"))
        self.assertEqual(tools["search_evidence"].inputSchema["required"], ["query"])
        self.assertNotIn("required", tools["perf_baseline_record"].inputSchema)

    @connected
    async def test_nothing_else_is_offered(self):
        self.assertEqual((await self.client.list_prompts()).prompts, [])
        self.assertEqual((await self.client.list_resources()).resources, [])
        self.assertEqual((await self.client.list_resource_templates()).resourceTemplates, [])

    @connected
    async def test_record_and_diff_in_every_form_of_arguments(self):
        forms = [
            lambda args: {"params": {"args": args}},
            lambda args: {"args": args},
            lambda args: {"params": json.dumps({"args": args})},
            lambda args: {"params": {"args": args, "unknown": 1}, "more": None},
        ]
        for at, form in enumerate(forms):
            recorded = await self.ok("perf_baseline_record", form(self.record_args(f"m{at}")))
            self.assertEqual(recorded["returncode"], 0, recorded["stderr"])
            entry = recorded["json"]["entry_dir"]
            for current, verdict in [("flat_base", "GREEN"), ("flat_red", "RED")]:
                args = ["--baseline", entry, "--current", str(self.root / f"inputs/{current}.json")]
                compared = await self.ok("perf_baseline_diff", form(args))
                self.assertEqual((compared["returncode"], compared["json"]["verdict"]), (0, verdict))

    @connected
    async def test_searches(self):
        await self.ok(
            "perf_baseline_record", {"args": self.record_args("searched", "inputs/flat_base.json", "--notes", "needle")}
        )
        found = await self.ok("search_evidence", {"query": "need.e", "limit": 100})
        self.assertEqual(found["returncode"], 0)
        self.assertTrue(all(":" in line for line in found["json"]["matches"]))
        self.assertEqual(found["stdout"].splitlines(), found["json"]["matches"])
        (self.root / "runbooks" / "itl.md").write_text("# ITL\nneedle of a runbook\n")
        found = await self.ok("search_runbooks", {"query": "needle"})
        self.assertEqual(found["json"]["matches"], ["runbooks/itl.md:2:needle of a runbook"])
        none = await self.ok("search_runbooks", {"query": "no such text"})
        self.assertEqual((none["returncode"], none["json"]["matches"]), (1, []))
        bad = await self.ok("search_runbooks", {"query": "("})
        self.assertEqual((bad["returncode"], bad["json"]["matches"]), (2, []))

    @connected
    async def test_a_refusal_is_an_error_unless_it_is_allowed(self):
        args = self.record_args("../escape")
        refused = await self.client.call_tool("perf_baseline_record", {"params": {"args": args}})
        self.assertTrue(refused.isError)
        self.assertIsNone(refused.structuredContent)
        prefix = "Error executing tool perf_baseline_record: "
        line = text_of(refused).removeprefix(prefix)
        self.assertEqual(line, json.dumps(json.loads(line), sort_keys=True))
        allowed = await self.ok("perf_baseline_record", {"params": {"args": args, "allow_nonzero": True}})
        self.assertEqual(allowed["stderr"], "FATAL: measurement must be one safe path segment\n")
        self.assertEqual(allowed, {key: json.loads(line)[key] for key in KEYS})

    @connected
    async def test_errors_outside_the_verbs(self):
        for arguments in ({}, {"query": 5}, {"query": "x", "limit": 0}, {"query": "x", "limit": 1.5}):
            result = await self.client.call_tool("search_evidence", arguments)
            self.assertTrue(result.isError, arguments)
            self.assertTrue(text_of(result).startswith("Error executing tool search_evidence: "))
        result = await self.client.call_tool("no_such_tool", {})
        self.assertEqual((result.isError, text_of(result)), (True, "Unknown tool: no_such_tool"))
        with self.assertRaises(McpError):
            await self.client.get_prompt("no_such_prompt")

    @connected
    async def test_unicode_survives(self):
        notes = 'caf\u00e9 \U0001f600 \u2028 \u0000 tab\t "quoted" back\\slash'
        recorded = await self.ok(
            "perf_baseline_record", {"args": self.record_args("unicode", "inputs/flat_base.json", f"--notes={notes}")}
        )
        self.assertEqual(recorded["args"][8], f"--notes={notes}")
        with open(recorded["json"]["baseline_json"], encoding="ascii") as file:
            self.assertEqual(json.load(file)["notes"], notes)

    @connected
    async def test_big_notes(self):
        notes = "0123456789abcdef" * (1 << 18)
        recorded = await self.ok(
            "perf_baseline_record", {"args": self.record_args("big", "inputs/flat_base.json", "--notes", notes)}
        )
        with open(recorded["json"]["baseline_json"], encoding="ascii") as file:
            self.assertEqual(json.load(file)["notes"], notes)

    @connected
    async def test_many_calls_at_once(self):
        calls = [self.ok("perf_baseline_record", {"args": self.record_args("together")}) for _ in range(32)]
        calls += [self.ok("search_evidence", {"query": "together"}) for _ in range(32)]
        envelopes = await asyncio.gather(*calls)
        slugs = {envelope["json"]["slug"] for envelope in envelopes[:32]}
        self.assertEqual(len(slugs), 32)
        index = self.root / "experiments/artifacts/perf-baselines/inference/together/INDEX.md"
        rows = [line for line in index.read_text().splitlines() if line.startswith("| `")]
        self.assertEqual(len(rows), 32)
        for slug in slugs:
            self.assertEqual(sum(slug in row for row in rows), 1)


class EightServers(unittest.IsolatedAsyncioTestCase):
    """Eight servers write 200 entries each into one measurement at once."""

    async def test_every_entry_is_whole_and_every_row_is_there(self):
        with contextlib.ExitStack() as stack:
            root = make_root(stack)
            args = [
                "--family",
                "inference",
                "--measurement",
                "shared",
                "--direction",
                "two-sided",
                "--source",
                str(root / "inputs/flat_base.json"),
            ]
            written = await asyncio.gather(*(self.writer(root, args) for _ in range(8)))
            slugs = [slug for slugs in written for slug in slugs]
            self.assertEqual(len(set(slugs)), 1600)
            place = root / "experiments/artifacts/perf-baselines/inference/shared"
            self.assertEqual(set(os.listdir(place)) - {"INDEX.md"}, set(slugs))
            rows = [line for line in (place / "INDEX.md").read_text().splitlines() if line.startswith("| `")]
            self.assertEqual(sorted(row.split("`")[3] for row in rows), sorted(slugs))
            snapshot = (root / "inputs/flat_base.json").read_bytes()
            for slug in slugs:
                self.assertEqual(json.loads((place / slug / "baseline.json").read_text())["measurement"], "shared")
                self.assertEqual((place / slug / "source-snapshot.json").read_bytes(), snapshot)

    async def writer(self, root, args):
        slugs = []
        async with session(root) as client:
            for _ in range(200):
                result = await client.call_tool("perf_baseline_record", {"args": args})
                self.assertFalse(result.isError, text_of(result))
                slugs.append(result.structuredContent["json"]["slug"])
        return slugs


class OverHttp(unittest.IsolatedAsyncioTestCase):
    async def test_a_tool_is_called_with_a_token(self):
        with contextlib.ExitStack() as stack:
            root = make_root(stack)
            server = subprocess.Popen(
                [SERVER, root, "--http", "127.0.0.1:0", "--token", "s3cret"], stdout=subprocess.PIPE, text=True
            )
            stack.callback(lambda: (server.kill(), server.stdout.close(), server.wait()))
            url = f"http://{server.stdout.readline().strip()}/mcp"
            headers = {"Authorization": "Bearer s3cret"}
            async with (
                streamablehttp_client(url, headers=headers) as (read, write, _),
                ClientSession(read, write) as client,
            ):
                await client.initialize()
                self.assertEqual({tool.name for tool in (await client.list_tools()).tools}, TOOLS)
                calls = [client.call_tool("search_evidence", {"query": "x"}) for _ in range(16)]
                for result in await asyncio.gather(*calls):
                    self.assertEqual((result.isError, result.structuredContent["returncode"]), (False, 1))


class Handshake(unittest.IsolatedAsyncioTestCase):
    async def test_the_server_ends_with_its_client(self):
        with contextlib.ExitStack() as stack:
            command, *args = server_command(make_root(stack))
            parameters = StdioServerParameters(command=command, args=args)
            async with stdio_client(parameters) as (read, write), ClientSession(read, write) as client:
                hello = await client.initialize()
                self.assertEqual(hello.protocolVersion, "2025-11-25")
                self.assertIsNotNone(hello.capabilities.tools)
            # The client of the SDK kills a server that does not end within two seconds; ours ends at once.
            process = await asyncio.create_subprocess_exec(
                command, *args, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
            )
            out, _ = await process.communicate(b"not json\n")
            self.assertEqual((process.returncode, out), (0, b""))
