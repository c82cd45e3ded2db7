"""Keys, passwords and prompts that a benchmark left in its files: none of them is in anything that we write or print."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support import DATA, OTHERS, PERFBRIDGE, READERS

BUNDLES, TOOLS = DATA / "bundles", DATA / "tools"
# What must not be found: every secret has this word in it, every prompt the other.
SECRET, PROMPT = "s3cReT", "once upon"
COMMAND = (
    f"aiperf profile --model m --api-key {SECRET}-1 --header 'Authorization: Bearer {SECRET}2' -H \"X-Api-Key: {SECRET}3\" "
    f"--url https://user:{SECRET}4@host:8000/v1?token={SECRET}5&x=1 --extra-inputs api_key:{SECRET}6 "
    f'--extra-inputs \'{{"password": "{SECRET}7"}}\' OPENAI_API_KEY={SECRET}8 HF_TOKEN={SECRET}9 sk-{SECRET}abcdefghij10'
)
PROSE = f"{PROMPT} a time there was a server that nobody had measured"


def run(*words, cwd=None, code=None):
    environment = {"PATH": os.environ["PATH"], "COLUMNS": "80", "HOME": str(cwd), "USER": "operator"}
    ran = subprocess.run([PERFBRIDGE, *map(str, words)], cwd=cwd, env=environment, capture_output=True)
    assert code is None or ran.returncode in code, ran.stderr.decode()
    return ran.stdout + ran.stderr


def plant(value, path=()):
    """Every copy of a JSON value that has the command line behind one of its strings."""
    if isinstance(value, str):
        yield f"{value} {COMMAND}", path
    elif isinstance(value, list):
        # Items of a list are alike.
        for item, where in plant(value[0], (*path, 0)) if value else ():
            yield [item, *value[1:]], where
    elif isinstance(value, dict):
        for key, member in value.items():
            for made, where in plant(member, (*path, key)):
                yield {**value, key: made}, where


def aiperf(bundle):
    """Plants everything that AIPerf keeps beside its numbers."""
    for path in bundle.rglob("profile_export_aiperf.json"):
        export = json.loads(path.read_text(encoding="utf-8"))
        config = export.setdefault("input_config", {})
        config["cli_command"] = COMMAND
        export.setdefault("run_info", {})["cli_command"] = COMMAND
        endpoint = config.setdefault("endpoint", {})
        endpoint["urls"] = [f"https://user:{SECRET}11@host:8000/v1"]
        endpoint["api_key"] = f"{SECRET}12"
        endpoint["headers"] = [["Authorization", f"Bearer {SECRET}13"], ["x-api-key", f"{SECRET}14"]]
        endpoint["extra"] = {
            "api_key": f"{SECRET}15",
            "url": f"https://u:{SECRET}16@host",
            "system_prompt": PROSE,
            "messages": [{"role": "system", "content": PROSE}],
            "note": f"token={SECRET}17",
            "nested": {"authorization": f"Basic {SECRET}18", "password": "two words " + SECRET},
            "temperature": 0.5,
        }
        config["tokenizer"] = {"name": f"https://user:{SECRET}19@hub/x"}
        config["datasets"] = [
            {
                "name": "main",
                "type": "file",
                "path": f"s3://key:{SECRET}20@bucket/prompts.jsonl?X-Amz-Signature={SECRET}21",
                "prefix_prompts": {"pool_size": 2, "text": PROSE},
            }
        ]
        export["error_summary"] = [
            {
                "error_details": {"code": 401, "type": "Unauthorized", "message": f"Bearer {SECRET}22 refused"},
                "count": 1,
            }
        ]
        path.write_text(json.dumps(export), encoding="utf-8")
        (path.parent / "inputs.json").write_text(json.dumps({"data": [{"payloads": [PROSE]}]}), encoding="utf-8")
        (path.parent / "aiperf.log").write_text(f"INFO {COMMAND}\n{PROSE}\n", encoding="utf-8")
    (bundle / "run.sh").write_text(f"#!/bin/sh\nexport API_KEY={SECRET}23\n{COMMAND}\n", encoding="utf-8")
    for path in bundle.rglob("server_metrics_export.json"):
        text = path.read_text(encoding="utf-8").replace("http://127", f"http://user:{SECRET}24@127")
        path.write_text(text, encoding="utf-8")
    return bundle


class Secrets(unittest.TestCase):
    def setUp(self):
        self.scratch = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="perfbridge-outputs-")))

    def silent(self, written, where):
        """Nothing of what was planted is in it."""
        text = written if isinstance(written, str) else written.decode("utf-8", "replace")
        for word in (SECRET, PROMPT):
            at = text.find(word)
            self.assertEqual(at, -1, f"{where}: …{text[max(at - 120, 0) : at + 60]!r}")
        return text

    def planted(self, name):
        place = self.scratch / "runs" / name
        shutil.copytree(BUNDLES / name, place)
        return aiperf(place)

    def test_every_output_of_planted_runs(self):
        before, after = self.planted("base-1"), self.planted("regressed-1")
        scratch = self.scratch
        document = self.silent(run("ingest", before, cwd=scratch, code=[0]), "ingest")
        # What was there is said to have been there, and what is no secret stays.
        for kept in ("temperature=0.5", "api_key=***", "s3://***@bucket/prompts.jsonl", "https://***@hub/x"):
            self.assertIn(kept, document)
        options = json.loads(document[: document.rindex("}") + 1])["context"]["request_options"]
        self.assertRegex(options, r"system_prompt=sha256:[0-9a-f]{12}")
        for words in (
            ("ingest", before, "--json"),
            ("inspect", scratch / "runs"),
            ("inspect", scratch / "runs", "--json"),
            ("explain", "ttft_p50_ms@c16", "--baseline", before, "--current", after),
        ):
            self.silent(run(*words, cwd=scratch, code=[0]), words[0])
        forms = [f"--format={name}=made/{name}" for name in (*OTHERS, *READERS)]
        diff = ("diff", before, after, *forms, "--html", "made/report.html", "--out", "made/out")
        self.silent(run(*diff, cwd=scratch, code=[1]), "diff")
        self.written("made", len(forms) + 6)
        run("init", "repo", cwd=scratch, code=[0])
        at = ("--repo-root", "repo")
        self.silent(run("record", before, "--yes", *at, cwd=scratch, code=[0]), "record")
        self.silent(run("diff", "--model", "tinyllama-7m", after, *at, cwd=scratch, code=[1]), "diff")
        for words in (("list",), ("show", "tinyllama-7m"), ("history", "--model", "tinyllama-7m"), ("verify",)):
            self.silent(run(*words, *at, cwd=scratch), words[0])
        self.written("repo", 10)

    def written(self, folder, most):
        files = [path for path in (self.scratch / folder).rglob("*") if path.is_file()]
        self.assertGreaterEqual(len(files), most)
        for path in files:
            self.silent(path.read_bytes(), path)

    def test_a_waiver_with_a_secret(self):
        """Who wrote it may have copied a command into the reason; every form of the gate says it, and a program is told it."""
        before, after = BUNDLES / "base-1", BUNDLES / "regressed-1"
        reason = f"see https://user:{SECRET}30@host/x and HF_TOKEN={SECRET}31"
        waiver = f'[[waiver]]\nmetric = "tps"\nplace = "c16"\nreason = "{reason}"\nowner = "--api-key {SECRET}32"\n'
        (self.scratch / "p.toml").write_text(f"{waiver}expires = 2999-01-31\n", encoding="utf-8")
        forms = [f"--format={name}=made/{name}" for name in (*OTHERS, *READERS)]
        told = ("--notify", "cat > made/told; env > made/environment")
        gate = ("gate", "--baseline", before, after, "--policy", "p.toml", *forms, *told)
        self.silent(run(*gate, cwd=self.scratch, code=[1]), "gate")
        self.assertIn(
            "see https://***@host/x and HF_TOKEN=***", (self.scratch / "made" / "told").read_text(encoding="utf-8")
        )
        self.silent(
            run("policy", "explain", before, after, "--policy", "p.toml", cwd=self.scratch, code=[0]), "explain"
        )
        self.written("made", len(forms) + 2)

    def test_replies_to_a_language_model(self):
        before, after = self.planted("base-1"), self.planted("regressed-1")
        run("init", "repo", cwd=self.scratch, code=[0])
        server = subprocess.Popen(
            [PERFBRIDGE, "mcp", "--repo-root", "repo"],
            cwd=self.scratch,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

        def ask(number, method, params):
            asked = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            server.stdin.write(json.dumps(asked).encode() + b"\n")
            server.stdin.flush()
            return self.silent(server.stdout.readline(), method)

        def call(number, verb, *args):
            return ask(number, "tools/call", {"name": verb, "arguments": {"args": list(map(str, args))}})

        with server:
            named = {"name": "test", "version": "1"}
            ask(0, "initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": named})
            server.stdin.write(b'{"jsonrpc": "2.0", "method": "notifications/initialized"}\n')
            record = ("--family", "inference", "--measurement", "m", "--direction", "two-sided", "--source", before)
            reply = json.loads(call(1, "perf_baseline_record", *record))
            entry = json.loads(reply["result"]["content"][0]["text"])["json"]["entry_dir"]
            text = call(2, "perf_baseline_diff", "--baseline", entry, "--current", after)
            (after / "aiperf-c16" / "profile_export_aiperf.json").write_text(f"{PROSE} {COMMAND}", encoding="utf-8")
            call(3, "perf_baseline_diff", "--baseline", entry, "--current", after)
            server.stdin.close()
        self.assertIn("RED", text)
        self.written("repo", 6)

    def test_one_text_after_another_of_each_tool(self):
        """Secrets behind each text of each file, one at a time: into a document, a finding or an error."""
        files = [path for path in TOOLS.rglob("*.json*") if path.parent != TOOLS and path.stat().st_size < 300_000]
        names = ("base-1", "aiperf-raw", "aiperf-older", "aiperf-sweep", "errors-1")
        files += [path for name in names for path in (BUNDLES / name).rglob("profile_export*.json*")]
        self.assertGreater(len(files), 10)
        with ThreadPoolExecutor(4) as pool:
            tried = sum(pool.map(self.leaves, enumerate(sorted(files))))
        self.assertGreater(tried, 300)

    def leaves(self, numbered):
        number, path = numbered
        lines = path.read_text(encoding="utf-8")
        try:
            first, rest = json.loads(lines), ""
        except json.JSONDecodeError:
            head, _, rest = lines.partition("\n")
            first = json.loads(head)
        place = self.scratch / str(number) / "aiperf-c4"
        place.mkdir(parents=True)
        tried = 0
        for made, where in plant(first):
            # The statistics of one metric are like those of another.
            if where[-1] in ("unit", "sha256"):
                continue
            (place / path.name).write_text(json.dumps(made) + "\n" + rest, encoding="utf-8")
            self.silent(run("ingest", place.parent, cwd=self.scratch), (path, where))
            tried += 1
        return tried

    def test_damaged_files_do_not_quote_prompts(self):
        """A file of requests that was cut at its begin starts with the words of a prompt."""
        for name in ("profile_export_raw.jsonl", "profile_export.jsonl", "inputs.json", "profile_export_aiperf.json"):
            with self.subTest(name):
                bundle = self.scratch / name.replace(".", "-")
                shutil.copytree(BUNDLES / "aiperf-raw", bundle)
                (path,) = [*bundle.rglob(name), bundle / "aiperf-c4" / name][:1]
                kept = path.read_text(encoding="utf-8") if path.is_file() else ""
                for text in (
                    f'{PROSE}", "role": "user"}}\n{kept}',
                    f'{kept}{{"text": "{PROSE}\n',
                    f"{kept}{PROSE} {COMMAND}\n",
                ):
                    path.write_text(text, encoding="utf-8")
                    self.silent(run("ingest", bundle, cwd=self.scratch), name)
                    self.silent(run("inspect", bundle, cwd=self.scratch), name)


if __name__ == "__main__":
    unittest.main()
