"""What the tests share: the program, and a judgement in every form."""

import json
import os
import pathlib
import subprocess
import tempfile

from consumers import READERS

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
DATA = REPOSITORY / "tests" / "data"
PERFBRIDGE = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")) / "release" / "perfbridge"
GOLDEN = DATA / "golden" / "inputs"
# The form that holds all, and those that only people read.
OTHERS = ("json", "markdown", "markdown-explained", "text", "text-all", "answer", "handoff", "page", "policy", "sweep")


def golden(run):
    """A document of the specification's form."""
    return json.loads((GOLDEN / run / "inference_perfbench_v1.json").read_text(encoding="utf-8"))


class Judged:
    """One `perfbridge diff`, or another command that judges: every form by name as text, and as its reader has it."""

    def __init__(self, *words, cwd=None, command="diff"):
        with tempfile.TemporaryDirectory(prefix="perfbridge-outputs-") as made:
            names = [*OTHERS, *READERS]
            forms = [f"--format={name}={made}/{name}" for name in names]
            ran = subprocess.run(
                [PERFBRIDGE, command, *map(str, words), *forms],
                cwd=cwd or made,
                env={"PATH": os.environ["PATH"], "COLUMNS": "80"},
                capture_output=True,
                text=True,
            )
            self.code, self.stdout, self.stderr = ran.returncode, ran.stdout, ran.stderr
            assert ran.returncode in (0, 1, 3), ran.stderr
            self.text = {name: (pathlib.Path(made) / name).read_bytes().decode() for name in names}
        self.json = json.loads(self.text["json"])
        self.read = {name: read(self.text[name]) for name, read in READERS.items()}


def judged(baseline, current, *more):
    """The same of two documents."""
    with tempfile.TemporaryDirectory(prefix="perfbridge-outputs-") as made:
        paths = []
        for name, document in (("baseline", baseline), ("current", current)):
            path = pathlib.Path(made) / f"{name}.json"
            path.write_text(json.dumps(document), encoding="utf-8")
            paths.append(path)
        return Judged(*paths, *more)
