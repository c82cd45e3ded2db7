"""Makes commands.json, the expected numbers of `calibrate` and `history`, with numpy and scipy.

    python3 -m venv .venv && .venv/bin/pip install numpy==2.4.6 scipy==1.17.1
    .venv/bin/python tests/data/stats/commands.py > tests/data/stats/commands.json

Nothing here calls our own code; the formulas are those of vectors.py.
"""

import json
import sys

import numpy as np
from scipy import stats
from vectors import best_split, grubbs, median_variance, moderated, smallest_effect

THROUGHPUT = {"4": [120.4, 119.5, 123.8, 126.2, 121.0], "16": [249.7, 246.0, 251.9, 251.4, 247.5]}
TTFT = {"4": [653.8, 666.4, 660.5, 630.0, 661.3], "16": [831.6, 1025.7, 945.7, 990.6, 1004.3]}
HIT_RATE = {"server": [0.80, 0.81, 0.795, 0.805, 0.79]}


def rows(metric, levels, better, relative, tolerance):
    """Every level of one metric: on the log scale in percent, or on its own scale; three trials are asked for."""
    scale = {k: np.log(v) if relative else np.array(v) for k, v in levels.items()}
    assert all(grubbs(v.tolist()) is None for v in scale.values())
    raw = [scale[k].var(ddof=1) for k in levels]
    used = moderated(raw, [4] * len(raw)) if len(raw) > 1 else [[raw[0], 4]]
    out = []
    for (level, values), own, (variance, df) in zip(levels.items(), raw, used, strict=True):
        unit = 100 if relative else 1

        def worse(effect):
            if not relative:
                return effect
            return 100 * np.expm1(effect) if better == "lower" else -100 * np.expm1(-effect)

        def plan(n, allowed, variance=variance, df=df):
            """Tolerance that identical runs exceed once in a hundred, what the test sees, what is REGRESSED at `allowed`."""
            se = np.sqrt(2 * variance * median_variance(n))
            # Three trials an arm and more know their own noise; the other levels lend half of their degrees of freedom.
            of_test = df if n < 3 else 2 * (n - 1) * (1 + 0.5 * (len(raw) - 1))
            seen = smallest_effect(se, of_test, 0.005)
            effect = allowed
            if relative:
                effect = np.log1p(allowed / 100) if better == "lower" else -np.log1p(-allowed / 100)
            return [
                n,
                worse(stats.t.isf(0.01, df) * se),
                worse(seen),
                worse(max(seen, effect + stats.norm.ppf(0.8) * se)),
            ]

        plans = [plan(n, tolerance) for n in (1, 3, 5, 10)]
        asked = plan(3, tolerance)
        wider = min(asked[1], 3 * tolerance)
        widened = [wider, bool(wider < asked[1]), plan(3, wider)[3]] if asked[1] > tolerance else None
        out.append(
            {
                "metric": metric,
                "level": level,
                "values": values,
                "n": 5,
                "mean": np.mean(values),
                "median": np.median(values),
                "std_of_these_runs": unit * np.sqrt(own),
                "std": unit * np.sqrt(variance),
                "degrees_of_freedom": df,
                "plans": plans,
                "widened": widened,
            }
        )
    return out


def main():
    calibration = (
        rows("throughput_toks_per_s", THROUGHPUT, "higher", True, 3.0)
        + rows("ttft_p50_ms", TTFT, "lower", True, 5.0)
        + rows("prefix_cache_hit_rate_post", HIT_RATE, "higher", False, 0.02)
    )
    rng = np.random.default_rng(20261125)
    series = np.round(np.concatenate([rng.normal(250, 1.5, 9), rng.normal(235, 1.5, 6)]), 2)
    split, _ = best_split(series.tolist(), 3)
    json.dump(
        {
            "made_with": f"numpy {np.__version__}, scipy {__import__('scipy').__version__}",
            "calibration": calibration,
            "history": {
                "values": series.tolist(),
                "delta_pct": (100 * np.diff(series) / series[:-1]).tolist(),
                "split": split,
                "before": np.median(series[:split]),
                "after": np.median(series[split:]),
            },
        },
        sys.stdout,
        indent=1,
    )
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
