"""Makes vectors.json, the expected values of the statistics, with numpy and scipy.

    python3 -m venv .venv && .venv/bin/pip install numpy==2.4.6 scipy==1.17.1
    .venv/bin/python tests/data/stats/vectors.py > tests/data/stats/vectors.json

Nothing here calls our own code. Where scipy has no such function (moderated variances, E-divisive's
best split), the formula of the cited paper is written out once more, in the plainest way.
"""

import json
import sys

import numpy as np
from scipy import integrate, optimize, special, stats


def grid(function, *axes):
    """[args..., value] for every combination."""
    rows = []
    for index in np.ndindex(*[len(axis) for axis in axes]):
        args = [float(axis[i]) for axis, i in zip(axes, index, strict=True)]
        rows.append([*args, float(function(*args))])
    return rows


def median_variance(n):
    """Variance of the median of n standard normal values, by integration."""
    normal = stats.norm
    if n == 1:
        return 1.0
    if n % 2:
        k = (n + 1) // 2
        log_c = special.gammaln(n + 1) - special.gammaln(k) - special.gammaln(n - k + 1)
        density = lambda x: np.exp(log_c) * (normal.cdf(x) * normal.sf(x)) ** (k - 1) * normal.pdf(x)
        return integrate.quad(lambda x: x * x * density(x), -12, 12, epsabs=1e-13, limit=400)[0]
    k = n // 2
    log_c = special.gammaln(n + 1) - 2 * special.gammaln(k)
    nodes, weights = np.polynomial.legendre.leggauss(400)
    total = 0.0
    for x, w in zip(9 * nodes, 9 * weights, strict=True):
        half = (9 - x) / 2
        y = half * nodes + (9 + x) / 2
        inner = normal.sf(y) ** (k - 1) * normal.pdf(y) * ((x + y) / 2) ** 2
        total += w * normal.cdf(x) ** (k - 1) * normal.pdf(x) * np.sum(weights * half * inner)
    return float(np.exp(log_c) * total)


def moderated(variances, dfs):
    """Smyth (2004) section 6.2 with the cap on d0: half of the other levels' df."""
    s2, d = np.array(variances, float), np.array(dfs, float)
    e = np.log(s2) - special.digamma(d / 2) + np.log(d / 2)
    excess = e.var(ddof=1) - special.polygamma(1, d / 2).mean()
    out = []
    for s, own in zip(s2, d, strict=True):
        cap = 0.5 * (d.sum() - own)
        d0 = np.inf
        if excess > 0:
            d0 = 2 * optimize.brentq(lambda x: special.polygamma(1, x) - excess, 1e-8, 1e8, xtol=1e-14)
        if d0 >= cap:
            d0, s0 = cap, (s2 * d).sum() / d.sum()
        else:
            s0 = np.exp(e.mean() + special.digamma(d0 / 2) - np.log(d0 / 2))
        out.append([float((d0 * s0 + own * s) / (d0 + own)), float(d0 + own)])
    return out


def grubbs(values):
    """Index of the outlier at 1 %, critical value from the t distribution, or null."""
    x = np.array(values)
    n = len(x)
    g = np.abs(x - x.mean()) / x.std(ddof=1)
    t = stats.t.isf(0.01 / (2 * n), n - 2)
    critical = (n - 1) / np.sqrt(n) * np.sqrt(t * t / (n - 2 + t * t))
    return int(g.argmax()) if g.max() >= critical else None


def best_split(values, segment):
    """Best split of Matteson and James by brute force."""
    x = np.array(values)
    best = (None, -np.inf)
    mean_distance = lambda a, b: np.abs(a[:, None] - b[None, :]).mean()
    inside = lambda a: np.abs(a[:, None] - a[None, :]).sum() / (len(a) * (len(a) - 1))
    for at in range(segment, len(x) - segment + 1):
        for end in range(at + segment, len(x) + 1):
            a, b = x[:at], x[at:end]
            score = len(a) * len(b) / (len(a) + len(b)) * (2 * mean_distance(a, b) - inside(a) - inside(b))
            if score > best[1]:
                best = (at, score)
    return [best[0], float(best[1])]


def comparison():
    """Three trials against three at two levels: the whole chain, moderated t to adjusted p."""
    base = {"4": [120.4, 119.5, 123.8], "16": [249.7, 246.0, 251.9]}
    now = {"4": [118.0, 108.7, 113.2], "16": [231.1, 240.3, 236.9]}
    logs = lambda rows: {k: np.log(v) for k, v in rows.items()}
    b, c = logs(base), logs(now)
    pooled = [(b[k].var(ddof=1) * 2 + c[k].var(ddof=1) * 2) / 4 for k in base]
    rows = []
    for k, (variance, df) in zip(base, moderated(pooled, [4, 4]), strict=True):
        delta = np.log(np.median(now[k]) / np.median(base[k]))
        se = np.sqrt(2 * variance * median_variance(3))
        half = stats.t.isf(0.005, df) * se
        rows.append(
            {
                "level": k,
                "baseline": base[k],
                "current": now[k],
                "delta": 100 * np.expm1(delta),
                "std": 100 * np.sqrt(variance),
                "df": df,
                "p": stats.t.sf(-delta / se, df),
                "low": 100 * np.expm1(delta - half),
                "high": 100 * np.expm1(delta + half),
                "floor": -100 * np.expm1(-stats.t.isf(0.05, df) * se),
            }
        )
    return rows


def exact_ranks(high, low):
    """One-sided exact Mann-Whitney p for "high is higher": scipy's own where no values tie, else every permutation."""
    if len(set(high) | set(low)) == len(high) + len(low):
        p = stats.mannwhitneyu(high, low, alternative="greater", method="exact").pvalue
    else:
        ranks = stats.rankdata([*high, *low])
        split = (ranks[: len(high)], ranks[len(high) :])
        test = stats.permutation_test(split, lambda a, _: a.sum(), alternative="greater", n_resamples=np.inf)
        p = test.pvalue
    return {"high": list(map(float, high)), "low": list(map(float, low)), "p": float(p)}


def fisher(failed, of, now_failed, now_of):
    """One-sided Fisher's exact p for "the current side fails more often"."""
    table = [[now_failed, now_of - now_failed], [failed, of - failed]]
    p = stats.fisher_exact(table, alternative="greater").pvalue
    return [failed, of, now_failed, now_of, float(p)]


def prediction(values):
    """Half of the 99 % interval for one further run about the median of these."""
    logs = np.log(values)
    n = len(logs)
    return float(stats.t.isf(0.005, n - 1) * logs.std(ddof=1) * np.sqrt(1 + median_variance(n)))


def paired():
    """Five pairs at two levels that share what their sessions are worth."""
    base = {"4": [120.4, 116.5, 125.8, 122.2, 118.9], "16": [249.7, 240.0, 259.9, 252.3, 244.1]}
    now = {"4": [113.9, 111.4, 119.1, 116.9, 112.2], "16": [236.3, 228.9, 247.1, 238.4, 233.0]}
    differences = {k: np.log(now[k]) - np.log(base[k]) for k in base}
    raw = [differences[k].var(ddof=1) for k in base]
    rows = []
    for k, (variance, df) in zip(base, moderated(raw, [4, 4]), strict=True):
        delta = np.median(differences[k])
        se = np.sqrt(variance * median_variance(5))
        half = stats.t.isf(0.005, df) * se
        rows.append(
            {
                "level": k,
                "baseline": base[k],
                "current": now[k],
                "delta": 100 * np.expm1(delta),
                "std": 100 * np.sqrt(variance / 2),
                "df": df,
                "p": stats.t.sf(-delta / se, df),
                "low": 100 * np.expm1(delta - half),
                "high": 100 * np.expm1(delta + half),
            }
        )
    return rows


def creeping():
    """A loss of 2 % at every level: each run's geometric mean over the levels, and a t test of these."""
    base = [[120.4, 249.7, 301.0], [119.5, 249.0, 299.2], [120.8, 250.9, 302.1]]
    now = [[118.0, 244.9, 295.3], [117.8, 244.2, 294.0], [118.3, 245.8, 296.1]]
    b, c = (np.log(stats.gmean(runs, axis=1)) for runs in (base, now))
    variance = (b.var(ddof=1) + c.var(ddof=1)) / 2
    delta = np.median(c) - np.median(b)
    return {
        "baseline": base,
        "current": now,
        "change": 100 * np.expm1(delta),
        "p": stats.t.sf(-delta / np.sqrt(2 * variance * median_variance(3)), 4),
    }


def histories(rng):
    """Drift and steps by scipy: Theil and Sen's slope, Kendall's p, the t of every split."""
    drifting = np.log(np.round(200 * 1.02 ** np.arange(11) * np.exp(rng.normal(0, 0.004, 11)), 1))
    slope = stats.theilslopes(drifting).slope
    straight = drifting + slope * np.arange(10, -1, -1)
    stepped = np.log(np.round(np.concatenate([rng.normal(220, 2, 6), rng.normal(250, 2, 7)]), 1))
    t = [stats.ttest_ind(stepped[:k], stepped[k:]).pvalue for k in range(1, 13)]
    return {
        "drifting": drifting.tolist(),
        "kendall_p": float(stats.kendalltau(np.arange(11), drifting, method="exact").pvalue),
        "without_drift": float(straight[:10].var(ddof=1) * 9),
        "stepped": stepped.tolist(),
        "split": int(np.argmin(t)) + 1,
        "split_p": float(min(t) * 12),
        "after_step": float(stepped[6:12].var(ddof=1) * 5),
    }


def hampel(rng):
    """What the farthest of n normal values, in median absolute deviations, exceeds in one sample of twenty."""
    limits = []
    for n in range(5, 21):
        values = rng.normal(size=(200_000, n))
        away = np.abs(values - np.median(values, axis=1, keepdims=True))
        limits.append(float(np.quantile(away.max(axis=1) / np.median(away, axis=1), 0.95)))
    return limits


def power_of(effect, se, df, alpha):
    return stats.nct.sf(stats.t.isf(alpha, df), df, effect / se)


def smallest_effect(se, df, alpha):
    return optimize.brentq(lambda e: power_of(e, se, df, alpha) - 0.8, 1e-9, 30 * se)


def waves(rng, n, block, level):
    """Latencies in waves: neighbours move together."""
    wave = np.repeat(rng.normal(0, 6, -(-n // block)), block)[:n]
    return np.round(level + wave + rng.gamma(2, 4, n), 3)


def block_bootstrap(rng, n, block, quantiles, times=20000):
    """Percentile interval of the differences, by writing out circular block resamples."""
    a, b = waves(rng, n, block, 100), waves(rng, n, block, 104)

    def drawn(x):
        starts = rng.integers(0, n, (times, -(-n // block)))
        index = (starts[:, :, None] + np.arange(block)) % n
        return np.quantile(x[index.reshape(times, -1)[:, :n]], quantiles, axis=1)

    draws = drawn(b) - drawn(a)
    estimates = np.quantile(b, quantiles) - np.quantile(a, quantiles)
    ends = np.quantile(draws, [0.025, 0.975], axis=1)
    return {
        "baseline": a.tolist(),
        "current": b.tolist(),
        "block": block,
        "quantiles": quantiles,
        "differences": [[float(value) for value in row] for row in zip(estimates, *ends, strict=True)],
    }


def drift(rng, n, block, slower):
    """First third against last third, the last `block` requests left out."""
    x = waves(rng, n, block, 100)
    x[: n // 3] = np.round(x[: n // 3] * slower, 3)
    third = (n - block) // 3
    head, tail = x[:third], x[n - block - third : n - block]
    p = stats.mannwhitneyu(tail, head, alternative="two-sided", method="asymptotic").pvalue
    first, last = np.median(head), np.median(tail)
    return {
        "values": x.tolist(),
        "block": block,
        "first": float(first),
        "last": float(last),
        "change_percent": float(100 * (last / first - 1)),
        "p": float(p),
        "drifted": slower > 1.05,
    }


def requests(rng):
    """Two runs as a judgement shows them: 51 quantiles and Mann-Whitney, to 6 significant digits."""
    a, b = waves(rng, 90, 4, 100), waves(rng, 75, 4, 103)
    test = stats.mannwhitneyu(b, a, alternative="two-sided", method="asymptotic")
    six = lambda x: float(f"{x:.6g}")
    return {
        "baseline": a.tolist(),
        "current": b.tolist(),
        "superiority": six(test.statistic / (90 * 75)),
        "p": six(test.pvalue),
        "quantiles": [[six(q) for q in np.quantile(x, np.linspace(0, 1, 51))] for x in (a, b)],
    }


def main():
    rng = np.random.default_rng(20261124)
    samples = [np.round(rng.lognormal(3, 0.4, n), 3).tolist() for n in (1, 2, 7, 64)]
    left = np.round(rng.normal(100, 9, 40), 0).tolist()
    right = np.round(rng.normal(104, 9, 33), 0).tolist()
    test = stats.mannwhitneyu(right, left, alternative="two-sided", method="asymptotic")
    p = [0.001, 0.2, 0.03, 0.03, 0.9, 0.0004, 1.0]
    steps = np.concatenate([rng.normal(100, 2, 14), rng.normal(92, 2, 12), rng.normal(100, 2, 5)])
    steps = np.round(steps, 2).tolist()
    spreads = [
        ([9.7e-4, 1.1e-4], [4, 4]),
        ([4e-4, 4.4e-4, 3.5e-4], [4, 4, 4]),
        ([1e-3, 2e-5, 4e-4, 9e-3, 1e-4], [4, 2, 4, 6, 3]),
    ]
    outliers = [
        [100, 101, 99, 100.5, 130],
        [100, 101, 99, 100.5, 104],
        [1, 2, 3, 4, 5, 6, 60, 70],
        [5, 5, 5, 5, 9],
        samples[2],
    ]
    out = {
        "made_with": f"numpy {np.__version__}, scipy {__import__('scipy').__version__}",
        "digamma": grid(special.digamma, [0.05, 0.5, 1, 2.5, 9.9, 10, 123.4]),
        "trigamma": grid(lambda x: special.polygamma(1, x), [0.05, 0.5, 1, 2.5, 9.9, 10, 123.4]),
        "ln_gamma": grid(special.gammaln, [0.1, 0.5, 3, 7.25, 40]),
        "beta_inc": grid(special.betainc, [0.5, 2, 15], [0.5, 3.5, 40], [1e-6, 0.1, 0.5, 0.93, 0.9999]),
        "normal_cdf": grid(stats.norm.cdf, [-30, -8, -2.5, -0.1, 0, 1.3, 6]),
        "normal_quantile": grid(stats.norm.ppf, [1e-300, 1e-12, 0.005, 0.3, 0.5, 0.77, 0.999999]),
        "t_sf": grid(stats.t.sf, [-3, 0, 0.01, 0.7, 2.4, 12, 200], [1, 2.5, 6, 40, 1000]),
        "t_upper_quantile": grid(stats.t.isf, [1e-8, 0.0005, 0.005, 0.05, 0.4, 0.9], [1, 2.5, 6, 40, 1000]),
        "noncentral_t_cdf": grid(stats.nct.cdf, [0.5, 2.8, 7], [2, 6, 30], [-1, 0, 0.5, 2.5, 8])
        + grid(stats.nct.cdf, [-1.5], [2, 6, 30], [-1, 0, 0.5])
        + grid(stats.nct.cdf, [48, 80], [2, 6], [45, 61]),
        "median_variance": [[n, median_variance(n)] for n in [*range(1, 21), 25, 30]],
        "samples": [
            {
                "values": s,
                "mean": float(np.mean(s)),
                "median": float(np.median(s)),
                "std": float(np.std(s, ddof=1)) if len(s) > 1 else None,
                "quantiles": [[q, float(np.quantile(s, q))] for q in (0, 0.05, 0.5, 0.95, 0.99, 1)],
            }
            for s in samples
        ],
        "mann_whitney": {"baseline": left, "current": right, "u": float(test.statistic), "p": float(test.pvalue)},
        "benjamini_hochberg": {"p": p, "adjusted": stats.false_discovery_control(p).tolist()},
        "moderated": [{"variances": v, "df": d, "expected": moderated(v, d)} for v, d in spreads],
        "grubbs": [{"values": v, "outlier": grubbs(v)} for v in outliers],
        "comparison": comparison(),
        "power": [
            [e, s, d, a, float(power_of(e, s, d, a))]
            for e, s, d, a in [(0.1, 0.02, 6, 0.005), (0.05, 0.03, 10, 0.0015), (0.03, 0.03, 4, 0.05)]
        ],
        "detectable": [
            [s, d, a, float(smallest_effect(s, d, a))] for s, d, a in [(0.02, 6, 0.005), (0.011, 14, 0.0015)]
        ],
        "needed": [
            [q, int(next(n for n in range(1, 9999) if max(q, 1 - q) ** n <= 0.05))]
            for q in (0.01, 0.5, 0.9, 0.95, 0.99, 0.999)
        ],
        "split": {"values": steps, "segment": 3, "best": best_split(steps, 3)},
    }
    rng = np.random.default_rng(20261125)
    out["block_bootstrap"] = [block_bootstrap(rng, 120, 1, [0.5, 0.9]), block_bootstrap(rng, 160, 8, [0.5, 0.9])]
    out["drift"] = [drift(rng, 160, 4, 1.0), drift(rng, 161, 8, 1.4), drift(rng, 60, 2, 1.0)]
    out["requests"] = requests(rng)
    rng = np.random.default_rng(20261126)
    out["exact_ranks"] = [
        exact_ranks([4, 5, 6], [1, 2, 3]),
        exact_ranks([3, 5, 6], [1, 2, 4]),
        exact_ranks([1, 2, 3], [4, 5, 6]),
        exact_ranks([7, 8, 9, 4.5], [1, 2, 3, 4]),
        exact_ranks(rng.normal(1, 1, 5).round(3), rng.normal(0, 1, 5).round(3)),
        exact_ranks(rng.normal(0.4, 1, 9).round(3), rng.normal(0, 1, 12).round(3)),
        exact_ranks([2, 2, 3], [1, 2, 1]),
        exact_ranks([5, 5, 5, 5], [5, 5, 5]),
        exact_ranks(rng.integers(1, 5, 6), rng.integers(0, 4, 7)),
    ]
    out["fisher"] = [
        fisher(0, 64, 8, 64),
        fisher(3, 192, 9, 192),
        fisher(9, 192, 3, 192),
        fisher(0, 10, 0, 10),
        fisher(10, 10, 10, 10),
        fisher(1, 20, 19, 20),
        fisher(40, 100000, 95, 100000),
        fisher(40, 100000, 10, 100000),
        fisher(2, 50, 30, 1000),
        fisher(0, 1000, 400, 1000),
    ]
    predicted = ([250.0, 251.0, 249.0], [250.0, 262.0, 240.0, 247.0, 255.0])
    out["prediction"] = [{"values": v, "half": prediction(v)} for v in predicted]
    out["paired"] = paired()
    out["creep"] = creeping()
    out["histories"] = histories(rng)
    out["hampel"] = hampel(rng)
    json.dump(out, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
