"""Replays what an existing server (v0.4.0 of its project) was asked, and compares what ours says.

`tests/data/reference/mcp-transcripts.jsonl` holds the calls in order with the text of each reply; the root is written `/repo`. Replies are
compared after the root and the times are replaced. Where ours differs on purpose, the table says how.
"""

import contextlib
import json
import pathlib
import re
import unittest

from support import HERE, make_root, session, text_of

SLUG = re.compile(r"\d{8}T\d{12}Z")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

# Words of a library behind this beginning: only the beginning is compared.
DETAIL = {
    "03#19": "FATAL: --source is not valid JSON: ",
    "03#20": "FATAL: --source fails JSON Schema at <root>: ",
    "03#22": "FATAL: --schema is not valid JSON: ",
    "04#8": "FATAL: structured diff requires JSON inputs; ",
}
# An exception there, an ordinary refusal with these words here.
REFUSED = {
    "03#14": "FATAL: cannot create ",
    "03#26": "FATAL: --source is neither a file nor a directory: /dev/null",
    "07#8": "FATAL: params['args'] must be a string or list of strings",
    "07#9": "FATAL: params['args'] must be a string or list of strings",
    "07#14": "FATAL: params must be an object with args, null, or such an object as JSON text; found ",
}
# Words of a validation library there, ours here; an error without an envelope on both sides.
WORDS = {
    "06#19": "limit must be an integer between 1 and 100; found ",
    "06#21": "query must be a string, a regular expression; found nothing",
    "06#22": "query must be a string, a regular expression; found a number",
    "06#24": "query must be a string, a regular expression; found nothing",
}
# Words of the search program; code and matches are compared.
PROGRAM = {"06#4", "06#12"}
# The matches of a search in a registry that has grown differently; their form is compared.
SEARCHES = {f"06#{number}" for number in (10, 13, 14, 15, 18, 20, 23)}
# Arguments at top level: dropped there, understood here.
UNDERSTOOD = {"07#15"}


class Transcripts(unittest.IsolatedAsyncioTestCase):
    async def test_every_reply_is_the_recorded_one(self):
        calls = [
            json.loads(line) for line in (HERE.parent / "data/reference/mcp-transcripts.jsonl").read_text().splitlines()
        ]
        self.assertEqual(len(calls), 92)
        with contextlib.ExitStack() as stack:
            self.root = make_root(stack)
            (self.root / "inputs/invalid.json").write_text("{not json\n")
            self.slugs = {}
            async with session(self.root) as client:
                for call in calls:
                    with self.subTest(call["from"]):
                        await self.replay(client, call)

    async def replay(self, client, call):
        arguments = json.loads(self.here(json.dumps(call["arguments"])))
        result = await client.call_tool(call["tool"], arguments)
        text = text_of(result)
        if not result.isError:
            self.assertEqual(text, json.dumps(result.structuredContent, indent=2, ensure_ascii=False))
        else:
            self.assertIsNone(result.structuredContent)
        prefix = f"Error executing tool {call['tool']}: "
        self.compare(call, result.isError, text, text.removeprefix(prefix), prefix)

    def compare(self, call, is_error, text, body, prefix):
        name, expected = call["from"], call["text"]
        if name in REFUSED:
            envelope = json.loads(body)
            params = call["arguments"]["params"]
            allowed = isinstance(params, dict) and params.get("allow_nonzero") is True
            self.assertEqual((is_error, envelope["returncode"]), (not allowed, 2))
            self.assertTrue(envelope["stderr"].startswith(REFUSED[name]), envelope["stderr"])
        elif name in UNDERSTOOD:
            self.assertEqual((is_error, json.loads(body)["returncode"]), (False, 0))
        elif name in WORDS:
            self.assertEqual((is_error, call["is_error"]), (True, True))
            self.assertTrue(body.startswith(WORDS[name]), body)
        elif name in DETAIL:
            ours, theirs = json.loads(self.plain(body)), json.loads(self.plain(expected.removeprefix(prefix)))
            for envelope in (ours, theirs):
                self.assertTrue(envelope.pop("stderr").startswith(DETAIL[name]))
            self.assertEqual((is_error, ours), (call["is_error"], theirs))
        elif name in SEARCHES or name in PROGRAM:
            self.same_search(json.loads(body), json.loads(expected))
            self.assertEqual((is_error, call["is_error"]), (False, False))
        else:
            self.learn(body, expected)
            self.assertEqual((is_error, self.plain(text)), (call["is_error"], self.plain(expected)))

    def same_search(self, ours, theirs):
        self.assertEqual(ours["stdout"].splitlines(), ours["json"]["matches"])
        for match in ours["json"]["matches"]:
            self.assertRegex(match, r"^experiments/artifacts/[^:]+:\d+:")
        self.assertLessEqual(len(ours["json"]["matches"]), int(ours["args"][2]))
        self.assertEqual(bool(ours["json"]["matches"]), bool(theirs["json"]["matches"]))
        for envelope in (ours, theirs):
            del envelope["stdout"], envelope["stderr"], envelope["json"]["matches"]
        self.assertEqual(ours, theirs)

    def learn(self, body, expected):
        """Remembers under which slug ours keeps the entry that a later call will name by the recorded one."""
        with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
            ours, theirs = json.loads(body)["json"], json.loads(expected)["json"]
            for key in ("entry_dir", "diff_dir"):
                if key in theirs:
                    self.slugs[pathlib.Path(theirs[key]).name] = pathlib.Path(ours[key]).name

    def here(self, text):
        text = SLUG.sub(lambda found: self.slugs.get(found[0], found[0]), text)
        return text.replace("/repo", str(self.root))

    def plain(self, text):
        text = text.replace(str(self.root), "/repo")
        return TIME.sub("<time>", SLUG.sub("<slug>", text))
