"""Mistakes of the topic divergence."""

from __future__ import annotations

import math

import numpy as np

from autograder.solutions.divergence import entropy, gaussian_kl, js_divergence, kl_divergence, moment_match


def terms(p, q):
    """Each p log(p/q), nan where p is 0."""
    return np.asarray(p) * (np.log(p) - np.log(q))


def surprise(p):
    return np.array([-float(a) * np.log(a) for a in p])


def halves(p, q, change):
    """The mean of both halves, each of a pmf and the midpoint."""
    m = 0.5 * p + 0.5 * q
    return 0.5 * change(p, m) + 0.5 * change(q, m)


def possible(p, q):
    """What both pmfs think possible, summed."""
    return sum(a * math.log(a / b) for a, b in zip(p, q, strict=True) if a > 0 and b > 0)


def kl(log=1.0, variances=0.5, means=0.5, constant=-0.5, by=None, power=2):
    """The closed form with other factors."""

    def value(mu1, sigma1, mu2, sigma2):
        first, second = np.asarray(sigma1, float), np.asarray(sigma2, float)
        scale = (first if by == 1 else second) ** 2
        return (
            log * (np.log(second) - np.log(first))
            + variances * first**2 / second**2
            + means * np.abs(np.subtract(mu1, mu2, dtype=float)) ** power / scale
            + constant
        )

    return value


def matched(variance, mean=None):
    """The mean and the root of a variance, from weights, means and sigmas as floats, and the weighted mean."""

    def pair(weights, mus, sigmas):
        w, m, s = (np.asarray(value, float) for value in (weights, mus, sigmas))
        centre = math.fsum(w * m)
        return (centre if mean is None else mean(w, m, s)), np.sqrt(variance(w, m, s, centre))

    return pair


def on_pair(change):
    return lambda *args: change(*moment_match(*args))


def within(w, s):
    return math.fsum(w * s * s)


def between(w, m, centre):
    return math.fsum(w * (m - centre) ** 2)


def skipped(p, q):
    both = (p > 0) & (q > 0)
    return halves(p, q, lambda a, m: possible(a[both], m[both]))


MISTAKEN = {
    "entropy": {
        "sign-flipped": lambda p: -sum(surprise(p)),
        "base-10": lambda p: entropy(p) / math.log(10),
        "mean-for-sum": lambda p: entropy(p) / len(p),
        "sum-forgotten": surprise,
        "unweighted": lambda p: sum(-np.log(a) for a in p),
        "log-forgotten": lambda p: sum(a * (1 - a) for a in p) + 1 - sum(p),
        "normalised": lambda p: entropy(p) / math.log(len(p)),
        "perplexity": lambda p: math.exp(entropy(p)),
        "binary-entropy": lambda p: sum(surprise(p)) + sum(surprise(1 - p)),
        "zero-gives-nan": lambda p: sum(surprise(p)),
        "epsilon-in-log": lambda p: -sum(a * math.log(a + 1e-12) for a in p),
        "clipped": lambda p: sum(surprise(np.maximum(p, 1e-10))),
        "rare-outcomes-dropped": lambda p: sum(surprise([a for a in p if a > 1e-8])),
        "one-outcome-gives-nan": lambda p: entropy(p) if len(p) > 1 else np.nan,
    },
    "kl_divergence": {
        "reversed": lambda p, q: kl_divergence(q, p),
        "cross-entropy": lambda p, q: -sum(p * np.log(q)),
        "mean-for-sum": lambda p, q: sum(terms(p, q)) / len(p),
        "sum-forgotten": terms,
        "unweighted": lambda p, q: sum(np.log(p) - np.log(q)),
        "weighted-by-q": lambda p, q: -sum(terms(q, p)),
        "symmetrised": lambda p, q: 0.5 * kl_divergence(p, q) + 0.5 * kl_divergence(q, p),
        "absolute-terms": lambda p, q: sum(abs(term) for term in terms(p, q)),
        "entropy-difference": lambda p, q: entropy(q) - entropy(p),
        "zero-gives-nan": lambda p, q: sum(terms(p, q)),
        "infinite-wherever-q-is-zero": lambda p, q: np.inf if 0 in q else kl_divergence(p, q),
        "impossible-outcomes-skipped": possible,
        "infinity-replaced": lambda p, q: (
            sum(np.nan_to_num(a) for a in terms(p, q) if a < np.inf)
            + np.finfo(float).max * sum(terms(p, q) == np.inf)
        ),
        "epsilon-in-log": lambda p, q: sum(p * (np.log(p + 1e-12) - np.log(q + 1e-12))),
        "clipped": lambda p, q: sum(p * (np.log(np.maximum(p, 1e-12)) - np.log(np.maximum(q, 1e-12)))),
        "integer-output": lambda p, q: (
            kl_divergence(p, q)
            if p.dtype.kind == "f"
            else sum(int(a * math.log(a / b)) for a, b in zip(p, q, strict=True) if a and b)
        ),
    },
    "js_divergence": {
        "square-root": lambda p, q: math.sqrt(js_divergence(p, q)),
        "sum-for-average": lambda p, q: js_divergence(p, q) + js_divergence(q, p),
        "first-half-only": lambda p, q: kl_divergence(p, 0.5 * (p + q)),
        "plain-kl": kl_divergence,
        "symmetrised-kl": lambda p, q: 0.5 * kl_divergence(p, q) + 0.5 * kl_divergence(q, p),
        "reversed": lambda p, q: halves(p, q, lambda a, m: kl_divergence(m, a)),
        "midpoint-not-halved": lambda p, q: js_divergence(p, q) - math.log(2),
        "geometric-midpoint": lambda p, q: halves(p, q, lambda a, _: kl_divergence(a, np.sqrt(p) * np.sqrt(q))),
        "entropies-not-averaged": lambda p, q: entropy(0.5 * (p + q)) - (entropy(p) + entropy(q)),
        "sum-forgotten": lambda p, q: halves(p, q, terms),
        "mean-for-sum": lambda p, q: js_divergence(p, q) / p.size,
        "zero-gives-nan": lambda p, q: halves(p, q, lambda a, m: sum(terms(a, m))),
        "impossible-outcomes-skipped": skipped,
        "epsilon-in-log": lambda p, q: halves(p, q, lambda a, m: sum(a * (np.log(a + 1e-12) - np.log(m + 1e-12)))),
        "clipped": lambda p, q: js_divergence(np.maximum(p, 1e-10), np.maximum(q, 1e-10)),
    },
    "gaussian_kl": {
        "reversed-arguments": lambda m1, s1, m2, s2: gaussian_kl(m2, s2, m1, s1),
        "sigma-for-variance": lambda m1, s1, m2, s2: gaussian_kl(m1, np.sqrt(s1), m2, np.sqrt(s2)),
        "sigma-not-squared": lambda m1, s1, m2, s2: (
            np.log(s2) - np.log(s1) + s1 / (2 * s2) + (m1 - m2) ** 2 / (2 * s2) - 0.5
        ),
        "minus-half-missing": kl(constant=0),
        "base-2": kl(log=1 / math.log(2)),
        "bits": lambda *args: gaussian_kl(*args) / math.log(2),
        "half-missing": kl(variances=1, means=1),
        "twice-too-large": kl(2, 1, 1, -1),
        "log-of-variances-not-halved": kl(log=2),
        "log-upside-down": kl(log=-1),
        "log-forgotten": kl(log=0),
        "means-ignored": kl(means=0),
        "deviations-ignored": kl(log=0, variances=0, constant=0),
        "divided-by-the-first-variance": kl(by=1),
        "distance-not-squared": kl(power=1),
        "symmetrised": lambda m1, s1, m2, s2: (
            0.5 * gaussian_kl(m1, s1, m2, s2) + 0.5 * gaussian_kl(m2, s2, m1, s1)
        ),
        "array-for-scalar": lambda *args: (
            [gaussian_kl(*args)] if np.ndim(gaussian_kl(*args)) == 0 else gaussian_kl(*args)
        ),
        "sum-for-elementwise": lambda *args: np.asarray(gaussian_kl(*args)).sum(),
        "mean-for-elementwise": lambda *args: np.asarray(gaussian_kl(*args)).mean(),
        "takes-scalars-only": lambda m1, s1, m2, s2: gaussian_kl(m1, s1, m2, s2) + 0 * math.log(s1 + s2),
        "epsilon-in-variance": lambda m1, s1, m2, s2: gaussian_kl(
            m1, s1, m2, np.sqrt(np.multiply(s2, s2) + 1e-12)
        ),
        "deviation-clipped": lambda m1, s1, m2, s2: gaussian_kl(
            m1, np.clip(s1, 1e-6, None), m2, np.clip(s2, 1e-6, None)
        ),
        "square-expanded": kl(),
        "integer-output": lambda m1, s1, m2, s2: (
            np.trunc(gaussian_kl(m1, s1, m2, s2))
            if isinstance(m1, np.ndarray) and m1.dtype.kind == "i"
            else gaussian_kl(m1, s1, m2, s2)
        ),
    },
    "moment_match": {
        "variance-for-deviation": on_pair(lambda mu, sigma: (mu, sigma * sigma)),
        "spread-of-the-means-forgotten": matched(lambda w, m, s, _: within(w, s)),
        "deviations-averaged": matched(lambda w, m, s, _: math.fsum(w * s) ** 2),
        "within-variance-forgotten": matched(lambda w, m, s, c: between(w, m, c)),
        "unweighted": matched(
            lambda w, m, s, _: within(1 / len(w), s) + between(1 / len(w), m, m.mean()), lambda w, m, s: m.mean()
        ),
        "spread-unweighted": matched(lambda w, m, s, _: within(w, s) + between(1 / len(w), m, m.mean())),
        "within-unweighted": matched(lambda w, m, s, c: within(1 / len(w), s) + between(w, m, c)),
        "spread-about-the-plain-mean": matched(lambda w, m, s, _: within(w, s) + between(w, m, m.mean())),
        "not-centred": matched(lambda w, m, s, _: within(w, s) + within(w, m)),
        "one-pass": matched(lambda w, m, s, c: within(w, s) + within(w, m) - c * c),
        "sigmas-not-squared": matched(lambda w, m, s, c: math.fsum(w * s) + between(w, m, c)),
        "deviations-added": matched(
            lambda w, m, s, c: (math.sqrt(within(w, s)) + math.sqrt(between(w, m, c))) ** 2
        ),
        "deviation-of-a-weighted-sum": matched(lambda w, m, s, _: within(w * w, s)),
        "heaviest-component": lambda w, m, s: (m[list(w).index(max(w))], s[list(w).index(max(w))]),
        "precision-weighted": matched(
            lambda w, m, s, _: 1 / sum(w / s**2), lambda w, m, s: sum(w * m / s**2) / sum(w / s**2)
        ),
        "unbiased": matched(lambda w, m, s, c: within(w, s) + between(w, m, c) / (1 - sum(w * w))),
        "divided-by-k": matched(
            lambda w, m, s, c: (within(w, s) + between(w, m, c)) / len(w), lambda w, m, s: sum(w * m) / len(w)
        ),
        "pair-swapped": on_pair(lambda mu, sigma: (sigma, mu)),
        "mean-only": on_pair(lambda mu, _: mu),
        "epsilon-in-variance": on_pair(lambda mu, sigma: (mu, math.sqrt(sigma * sigma + 1e-12))),
        "rare-components-dropped": matched(
            lambda w, m, s, _: (
                within(w[w > 1e-8], s[w > 1e-8]) + between(w[w > 1e-8], m[w > 1e-8], sum((w * m)[w > 1e-8]))
            ),
            lambda w, m, s: sum((w * m)[w > 1e-8]),
        ),
        "integer-output": lambda w, m, s: (
            tuple(map(int, moment_match(w, m, s))) if m.dtype.kind == "i" else moment_match(w, m, s)
        ),
        "unweighted-mean": matched(
            lambda w, m, s, _: within(w, s) + between(w, m, m.mean()), lambda w, m, s: m.mean()
        ),
    },
}
