"""The agent skill: its frontmatter is of the published format (agentskills.io), and every command and every call in it
works, in its order, on real runs: the verbs through the MCP server, the rest in a shell."""

import asyncio
import contextlib
import json
import os
import pathlib
import re
import subprocess
import unittest

from support import PERFBRIDGE, REPOSITORY, make_root, session, text_of
from test_answers import BUNDLES, MODEL

PLACE = REPOSITORY / "skills" / "inference-perf-baseline-bridge"
SKILL = (PLACE / "SKILL.md").read_text(encoding="utf-8")
VERBS = ["perf_baseline_record", "perf_baseline_diff", "search_evidence", "search_runbooks"]


def frontmatter():
    """Its keys: plain values, and texts folded after `>-`. No other YAML stands there."""
    _, head, _ = SKILL.split("---\n", 2)
    found, key = {}, None
    for line in head.splitlines():
        if line.startswith(" "):
            found[key].append(line.strip())
        else:
            key, value = line.split(":", 1)
            found[key] = [value.strip()] if value.strip() not in ("", ">-") else []
    return {key: " ".join(lines) for key, lines in found.items()}


def steps():
    """Commands and calls in their order, as (section, kind, text)."""
    found = []
    section = None
    for part in re.finditer(r"^(## [^\n]*)$|^```(\w+)\n(.*?)^```$", SKILL, re.MULTILINE | re.DOTALL):
        if part[1]:
            section = part[1].removeprefix("## ")
            continue
        found += [(section, part[2], line) for line in part[3].splitlines()]
    return found


class Format(unittest.TestCase):
    def test_the_frontmatter_is_of_the_published_format(self):
        head = frontmatter()
        self.assertLessEqual(
            set(head), {"name", "description", "license", "compatibility", "metadata", "allowed-tools"}
        )
        self.assertRegex(head["name"], r"^[a-z0-9]+(-[a-z0-9]+)*$")
        self.assertLessEqual(len(head["name"]), 64)
        self.assertEqual(head["name"], PLACE.name)
        self.assertTrue(1 <= len(head["description"]) <= 1024, len(head["description"]))
        self.assertTrue(1 <= len(head["compatibility"]) <= 500)
        self.assertLess(SKILL.count("\n"), 500)
        for trigger in ["register inference baseline", "is this inference regression real", "ai-bench baseline"]:
            self.assertIn(trigger, head["description"])

    def test_the_tools_are_the_four_verbs_and_what_the_commands_need(self):
        tools = frontmatter()["allowed-tools"].split(" ")
        verbs = {tool for tool in tools if tool.startswith("mcp__")}
        for server in ("profile_and_optimize", "plugin_perfbridge_profile_and_optimize"):
            expected = {f"mcp__{server}__{verb}" for verb in VERBS}
            self.assertLessEqual(expected, verbs)
            verbs -= expected
        self.assertEqual(verbs, set())
        programs = {
            word for _, kind, line in steps() if kind == "bash" for word in re.findall(r"(?:^|\| )([a-z0-9]+) ", line)
        }
        self.assertEqual({f"Bash({program}:*)" for program in programs}, {tool for tool in tools if "Bash" in tool})

    def test_the_plugin_names_the_server_of_the_skill(self):
        plugin = json.loads((REPOSITORY / ".claude-plugin" / "plugin.json").read_text())
        self.assertEqual(plugin["name"], "perfbridge")
        version = re.search(r'^version = "(.*)"', (REPOSITORY / "Cargo.toml").read_text(), re.MULTILINE)[1]
        self.assertEqual(plugin["version"], version)
        servers = json.loads((REPOSITORY / ".mcp.json").read_text())["mcpServers"]
        self.assertEqual(servers, {"profile_and_optimize": {"command": "perfbridge", "args": ["mcp"]}})


class Commands(unittest.TestCase):
    def test_every_command_and_every_call_works(self):
        ran = [step for step in steps() if step[1] == "bash"]
        called = [json.loads(text)["tool"] for _, kind, text in steps() if kind == "json"]
        self.assertGreaterEqual(len(ran), 14)
        self.assertEqual(called, VERBS)
        asyncio.run(self.walk())

    async def walk(self):
        with contextlib.ExitStack() as stack:
            self.root = make_root(stack)
            (self.root / "docs" / "ttft.md").write_text("ttft: look at the queue\n")
            path = f"{PERFBRIDGE.parent}:{os.environ['PATH']}"
            self.environment = dict(
                os.environ, PATH=path, PROFILE_AND_OPTIMIZE_REPO_ROOT=str(self.root), USER="operator"
            )
            server = json.loads((REPOSITORY / ".mcp.json").read_text())["mcpServers"]["profile_and_optimize"]
            self.words = {"MODEL": MODEL.removesuffix("-perfbench-v1"), "RUN": str(BUNDLES / "base-1")}
            command = [str(PERFBRIDGE), *server["args"], "--repo-root", str(self.root)]
            async with session(self.root, command) as client:
                for section, kind, text in steps():
                    if section == "Diff":
                        self.words["RUN"] = str(BUNDLES / "regressed-1")
                    text = re.sub(r"\b(RUN|MODEL|ENTRY|DIFF)\b", lambda word: self.words[word[0]], text)
                    with self.subTest(text):
                        if kind == "bash":
                            self.shell(text)
                        else:
                            await self.verb(client, json.loads(text))

    def shell(self, line):
        ran = subprocess.run(
            ["bash", "-o", "pipefail", "-c", line],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        # The run regressed, and the command that judges it says so.
        judges = line.startswith("perfbridge diff ")
        self.assertEqual(ran.returncode, 1 if judges else 0, ran.stderr)
        self.assertNotEqual(ran.stdout.strip(), "")
        self.assertNotRegex(ran.stdout, r"(^|\s)null($|\s\|)", "a name that the output does not have")
        if judges:
            self.assertTrue(ran.stdout.startswith("RED headline ("), ran.stdout)

    async def verb(self, client, call):
        result = await client.call_tool(call["tool"], call["arguments"])
        self.assertFalse(result.isError, text_of(result))
        reply = result.structuredContent
        self.assertEqual(reply["returncode"], 0, reply["stderr"])
        if call["tool"] == "perf_baseline_record":
            self.words["ENTRY"] = reply["json"]["entry_dir"]
        elif call["tool"] == "perf_baseline_diff":
            self.words["DIFF"] = reply["json"]["diff_dir"]
            self.assertEqual(reply["json"]["verdict"], "RED")
            self.assertTrue((pathlib.Path(self.words["DIFF"]) / "verdict.md").is_file())


if __name__ == "__main__":
    unittest.main()
