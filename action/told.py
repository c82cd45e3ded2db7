"""Says what `perfbridge gate` decided as outputs of a step: `told.py DIRECTORY EXIT_CODE`.

Where nothing was judged, comment and summary are made of what it said on stderr.
"""

import json
import pathlib
import sys


def main(directory, code):
    directory = pathlib.Path(directory)
    judgement = directory / "judgement.json"
    if judgement.is_file():
        judged = json.loads(judgement.read_text(encoding="utf-8"))
        outcome, verdict, rule = judged["gate"]["outcome"], judged["verdict"], judged["rule"]
        line = (directory / "line.txt").read_text(encoding="utf-8").splitlines()[0]
    else:
        outcome, verdict, rule = ("inconclusive" if code == "3" else "error"), "", ""
        line = "Perfbridge could not judge" if code != "3" else "Perfbridge judged nothing"
        # Four spaces make a block of code that no text inside can end.
        said = (directory / "errors.txt").read_text(encoding="utf-8", errors="replace")[:8192]
        block = "\n".join("    " + part for part in said.splitlines())
        for name in ["comment.md", "summary.md"]:
            (directory / name).write_text(f"**{line}** (exit code {code})\n\n{block}\n", encoding="utf-8")
    told = {
        "outcome": outcome,
        "verdict": verdict,
        "rule": rule,
        "line": line,
        "exit-code": code,
        "directory": directory,
    }
    for name, value in told.items():
        print(f"{name}={value}")


if __name__ == "__main__":
    main(*sys.argv[1:])
