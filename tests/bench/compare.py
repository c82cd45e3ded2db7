"""What one commit made slower or faster: `compare.py OLD NEW`, two binaries of perfbridge, or two commits of this repository,
which are built below the target directory first (a commit that was built before is not built again).

Both run in turn, A B B A A B B A, so that what drifts on the machine falls on both alike, and CPU time is compared, because
other work may run. Each case is judged by the pairs of neighbours: the median of their ratios, and an exact sign test of
how many of them are above 1. Ratios alone are printed: the speed of a machine is not that of another.

Ends with 1 where a case is slower by more than TOLERANCE with a chance of less than ALPHA that this is noise.
"""

import math
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from run import TESTS, detailed, records, run

ROOT = TESTS.parent
PAIRS = 40
# Slower by more than this fails; less is not told from how code happens to lie in memory.
TOLERANCE = 0.03
ALPHA = 0.01


def built(name, target):
    """The binary itself, or that of a commit."""
    if Path(name).is_file():
        return Path(name).resolve()
    question = ["git", "-C", ROOT, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"]
    commit = subprocess.run(question, stdout=subprocess.PIPE, text=True).stdout.strip()
    if not commit:
        sys.exit(f"error: {name!r} is neither a file nor a commit of this repository; name a binary or a commit")
    kept = target / "compare" / commit
    if not kept.is_file():
        print(f"building {name} ({commit[:12]})", file=sys.stderr, flush=True)
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as scratch:
            tree = Path(scratch) / "tree"
            git = ["git", "-C", ROOT, "worktree"]
            subprocess.run([*git, "add", "--quiet", "--detach", tree, commit], check=True)
            try:
                # A target of its own: packages of two trees in one take each other's libraries for their own.
                own = target / "compare/target"
                build = ["env", f"CARGO_TARGET_DIR={own}", "./just", "build"]
                subprocess.run(build, cwd=tree, check=True, stdout=sys.stderr)
                (own / "release/perfbridge").rename(kept)
            finally:
                subprocess.run([*git, "remove", "--force", tree], check=True)
    return kept


def chance(above, pairs):
    """One-sided exact sign test: how probable at least so many of the pairs above 1 are, if neither were slower."""
    return sum(math.comb(pairs, count) for count in range(above, pairs + 1)) / 2**pairs


def compared(old, new, arguments, pairs):
    """The ratios of CPU time, new by old, of pairs of neighbours."""
    once = lambda binary: run([binary, *map(str, arguments)])[0]
    # The first of each reads its file from the disk.
    once(old), once(new)
    ratios = []
    for at in range(pairs):
        if at % 2:
            after, before = once(new), once(old)
        else:
            before, after = once(old), once(new)
        ratios.append(after / before)
    return ratios


def main():
    if len(sys.argv) != 4:
        sys.exit("usage: compare.py OLD NEW TARGET_DIRECTORY")
    target = Path(sys.argv[3])
    old, new = built(sys.argv[1], target), built(sys.argv[2], target)
    slower = []
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        bundles = [TESTS / "data/bundles/base-1", TESTS / "data/bundles/regressed-1"]
        documents = [scratch / f"{bundle.name}.json" for bundle in bundles]
        for bundle, document in zip(bundles, documents, strict=True):
            read = subprocess.run([old, "ingest", "--source", bundle], stdout=subprocess.PIPE, check=True)
            document.write_bytes(read.stdout)
        sides = lambda one, other: ["--baseline", one, "--current", other]
        source = "vllm-bench-0.32.0/detailed/c4-detailed.json"
        large = [records(scratch, 50_000_000), detailed(scratch, "detailed", source, 50_000_000)]
        cases = {
            "start": (["--version"], PAIRS),
            "diff, document against document, JSON": (["diff", "--json", *sides(*documents)], PAIRS),
            "diff, document against document, text": (["diff", *sides(*documents)], PAIRS),
            "diff, bundle against bundle": (["diff", "--json", *sides(*bundles)], PAIRS),
            "ingest, 50 MB of request records": (
                ["ingest", "--source", large[0], "--model", "tinyllama-7m"],
                PAIRS // 4,
            ),
            "ingest, 50 MB of a detailed result": (
                ["ingest", "--source", large[1], "--model", "tinyllama-7m"],
                PAIRS // 4,
            ),
        }
        print("| case | CPU, new by old | pairs above 1 | |\n|---|---:|---:|---|")
        for name, (arguments, pairs) in cases.items():
            ratios = compared(old, new, arguments, pairs)
            ratio, above = statistics.median(ratios), sum(ratio > 1 for ratio in ratios)
            said = ""
            if ratio > 1 + TOLERANCE and chance(above, pairs) < ALPHA:
                said = "slower"
                slower.append(name)
            elif ratio < 1 - TOLERANCE and chance(pairs - above, pairs) < ALPHA:
                said = "faster"
            print(f"| {name} | {ratio:.3f} | {above} of {pairs} | {said} |", flush=True)
    if slower:
        sys.exit(f"slower: {', '.join(slower)}")


if __name__ == "__main__":
    main()
