"""Right answers of the topic divergence."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import scipy.spatial.distance
import scipy.special
import scipy.stats

from autograder.judging.calls import Call
from correct import exactly

# --- exact -----------------------------------------------------------------------------------------------


def kl(*numbers):
    """KL of the first half of the numbers from the second; inf where the latter excludes an outcome."""
    k = len(numbers) // 2
    possible = [(a, b) for a, b in zip(numbers[:k], numbers[k:], strict=True) if a > 0]
    if any(b == 0 for _, b in possible):
        return mpmath.inf
    return mpmath.fsum(a * mpmath.log(a / b) for a, b in possible)


def exact_entropy(p):
    return exactly(lambda *numbers: -mpmath.fsum(v * mpmath.log(v) for v in numbers if v > 0), *p)


def exact_kl_divergence(p, q):
    return exactly(kl, *p, *q)


def exact_js_divergence(p, q):
    def js(*numbers):
        p, q = numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :]
        m = [(a + b) / 2 for a, b in zip(p, q, strict=True)]
        return (kl(*p, *m) + kl(*q, *m)) / 2

    return exactly(js, *p, *q)


def exact_gaussian_kl(mu1, sigma1, mu2, sigma2):
    def closed_form(mu1, sigma1, mu2, sigma2):
        return mpmath.log(sigma2 / sigma1) + (sigma1**2 + (mu1 - mu2) ** 2) / (2 * sigma2**2) - mpmath.mpf(1) / 2

    given = np.broadcast(mu1, sigma1, mu2, sigma2)
    return np.array([exactly(closed_form, *entry) for entry in given]).reshape(given.shape)


def exact_moment_match(weights, mus, sigmas):
    k = len(weights)

    def mean(*numbers):
        return mpmath.fdot(numbers[:k], numbers[k : 2 * k])

    def deviation(*numbers):
        mu = mean(*numbers)
        terms = zip(numbers[:k], numbers[k : 2 * k], numbers[2 * k :], strict=True)
        return mpmath.sqrt(mpmath.fsum(w * (s**2 + (m - mu) ** 2) for w, m, s in terms))

    numbers = (*weights, *mus, *sigmas)
    return exactly(mean, *numbers), exactly(deviation, *numbers)


# --- entropy ---------------------------------------------------------------------------------------------


def entropy_by_loops(p):
    return -math.fsum(v * math.log(v) for v in p.tolist() if v > 0)


def entropy_by_scipy(p):
    return scipy.stats.entropy(np.asarray(p, dtype=float))


def entropy_by_special_functions(p):
    return scipy.special.entr(p).sum()


def entropy_by_surprise(p):
    """The expectation of log(1/p)."""
    possible = p[p != 0]
    return possible @ np.log(1 / possible)


def entropy_by_where(p):
    p = np.asarray(p, dtype=float)
    return -np.sum(np.where(p > 0, p * np.log(np.where(p > 0, p, 1.0)), 0.0))


def entropy_by_nansum(p):
    """0 · -inf is nan, and skipped."""
    with np.errstate(all="ignore"):
        return np.negative(np.nansum(p * np.log(p)))


def entropy_by_tiny_floor(p):
    """The smallest positive float64 in place of 0, whose product with 0 is 0."""
    return -np.einsum("i,i->", p, np.log(np.maximum(p, np.finfo(float).tiny)))


def entropy_in_long_double(p):
    p = np.asarray(p[p > 0], dtype=np.longdouble)
    return -np.sum(p * np.log(p))


def entropy_in_bits(p):
    """Counted in bits first, changed to nats in the end."""
    return -sum(float(v) * math.log2(v) for v in p if v) * math.log(2)


# --- kl_divergence ---------------------------------------------------------------------------------------


def kl_divergence_by_loops(p, q):
    terms = []
    for a, b in zip(p.tolist(), q.tolist(), strict=True):
        if a > 0 and b == 0:
            return math.inf
        terms.append(a * math.log(a / b) if a > 0 else 0.0)
    return math.fsum(terms)


def kl_divergence_by_scipy(p, q):
    return scipy.stats.entropy(p, q)


def kl_divergence_by_rel_entr(p, q):
    return scipy.special.rel_entr(p, q).sum()


def kl_divergence_by_nansum(p, q):
    with np.errstate(all="ignore"):
        return np.nansum(p * np.log(p / q))


def kl_divergence_by_where(p, q):
    with np.errstate(all="ignore"):
        return np.where(p > 0, p * (np.log(p) - np.log(q)), 0).sum()


def kl_divergence_by_cross_entropy(p, q):
    """Cross-entropy less entropy."""
    support = np.flatnonzero(p)
    if not q[support].all():
        return np.inf
    return -(p[support] @ np.log(q[support])) + p[support] @ np.log(p[support])


def kl_divergence_by_generalised_terms(p, q):
    """p log(p/q) - p + q is never negative, term by term; the additions cancel in the sum."""
    return scipy.special.kl_div(p, q).sum() + (p.sum(dtype=float) - q.sum(dtype=float))


def kl_divergence_in_long_double(p, q):
    p, q = np.asarray(p, dtype=np.longdouble), np.asarray(q, dtype=np.longdouble)
    with np.errstate(divide="ignore"):
        return np.einsum("i,i", p[p > 0], np.log(p[p > 0] / q[p > 0]))


# --- js_divergence ---------------------------------------------------------------------------------------


def js_divergence_by_loops(p, q):
    terms = []
    for a, b in zip(p.tolist(), q.tolist(), strict=True):
        m = (a + b) / 2
        terms += [v * math.log(v / m) / 2 for v in (a, b) if v]
    return math.fsum(terms)


def js_divergence_by_scipy(p, q):
    return scipy.spatial.distance.jensenshannon(p, q) ** 2


def js_divergence_by_rel_entr(p, q):
    m = 0.5 * p + 0.5 * q
    return (scipy.special.rel_entr(p, m) + scipy.special.rel_entr(q, m)).sum() / 2


def js_divergence_by_entropies(p, q):
    """The entropy of the mixture less the mean entropy of its parts."""
    return entropy_by_where((p + q) / 2) - (entropy_by_where(p) + entropy_by_where(q)) / 2


def js_divergence_by_mutual_information(p, q):
    """What an outcome tells about which of the two pmfs, by a fair coin, it was drawn from."""
    joint = np.stack([p, q]) / 2
    independent = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    return np.sum(joint[joint > 0] * np.log(joint[joint > 0] / independent[joint > 0]))


def js_divergence_by_log1p(p, q):
    """Each ratio p/m is 2 / (1 + q/p)."""

    def half(a, b):
        a, b = a[a > 0], b[a > 0]
        return a @ (np.log(2) - np.log1p(b / a)) / 2

    return half(p, q) + half(q, p)


def js_divergence_in_long_double(p, q):
    p, q = np.asarray(p, dtype=np.longdouble), np.asarray(q, dtype=np.longdouble)
    return (kl_divergence_in_long_double(p, (p + q) / 2) + kl_divergence_in_long_double(q, (p + q) / 2)) / 2


# --- gaussian_kl -----------------------------------------------------------------------------------------


def gaussian_kl_by_textbook(mu1, sigma1, mu2, sigma2):
    return np.log(sigma2 / sigma1) + (sigma1**2 + (mu1 - mu2) ** 2) / (2 * sigma2**2) - 0.5


def gaussian_kl_by_loops(mu1, sigma1, mu2, sigma2):
    entries = np.broadcast(mu1, sigma1, mu2, sigma2)
    result = np.empty(entries.shape)
    for place, entry in zip(np.ndindex(entries.shape), entries, strict=True):
        m1, s1, m2, s2 = map(float, entry)
        result[place] = math.fsum([-math.log(s1 / s2), (s1 / s2) ** 2 / 2, ((m1 - m2) / s2) ** 2 / 2, -0.5])
    return result


def gaussian_kl_by_variances(mu1, sigma1, mu2, sigma2):
    var1, var2 = np.square(sigma1, dtype=float), np.square(sigma2, dtype=float)
    return 0.5 * (np.log(var2) - np.log(var1) + (var1 + np.subtract(mu1, mu2) ** 2) / var2 - 1)


def gaussian_kl_by_precision(mu1, sigma1, mu2, sigma2):
    precision = 1.0 / (np.asarray(sigma2, dtype=float) * sigma2)
    return (precision * (sigma1 * np.asarray(sigma1) + (mu2 - mu1) ** 2) - 1 - np.log(sigma1**2 * precision)) / 2


def gaussian_kl_by_log1p(mu1, sigma1, mu2, sigma2):
    """With t = (sigma1² - sigma2²) / sigma2² it is (t - log(1 + t)) / 2; for small t it keeps more digits. Where t
    is nearly -1 it can't say how nearly, and the log is taken of the ratio.
    """
    ratio = np.true_divide(sigma1, sigma2)
    t = (ratio - 1) * (ratio + 1)
    log = np.where(np.abs(t) < 0.5, np.log1p(np.maximum(t, -0.9)), 2 * np.log(ratio))
    return (t - log + (np.subtract(mu1, mu2) / sigma2) ** 2) / 2


def gaussian_kl_by_vectorize(mu1, sigma1, mu2, sigma2):
    def one(m1, s1, m2, s2):
        return math.log(s2) - math.log(s1) + 0.5 * (s1 / s2) ** 2 + 0.5 * ((m1 - m2) / s2) ** 2 - 0.5

    return np.vectorize(one, otypes=[float])(mu1, sigma1, mu2, sigma2)


def gaussian_kl_in_long_double(mu1, sigma1, mu2, sigma2):
    m1, s1, m2, s2 = (np.asarray(value, dtype=np.longdouble) for value in (mu1, sigma1, mu2, sigma2))
    return np.log(s2) - np.log(s1) + ((s1**2 + (m1 - m2) ** 2) / s2**2 - 1) / 2


# --- moment_match ----------------------------------------------------------------------------------------


def moment_match_by_loops(weights, mus, sigmas):
    triples = [tuple(map(float, triple)) for triple in zip(weights, mus, sigmas, strict=True)]
    mu = math.fsum(w * m for w, m, _ in triples)
    return mu, math.sqrt(math.fsum(w * (s * s + (m - mu) ** 2) for w, m, s in triples))


def moment_match_by_second_moment(weights, mus, sigmas):
    weights, mus, sigmas = (np.asarray(part, dtype=float) for part in (weights, mus, sigmas))
    mu = weights @ mus
    return mu, np.sqrt(weights @ (sigmas**2 + mus**2) - mu**2)


def moment_match_by_average(weights, mus, sigmas):
    mu = np.average(mus, weights=weights)
    within = np.average(np.square(sigmas), weights=weights)
    between = np.average(np.square(mus - mu), weights=weights)
    return [mu, np.hypot(np.sqrt(within), np.sqrt(between))]


def moment_match_by_pairs(weights, mus, sigmas):
    """The spread of the means is half the mean squared distance of two that are drawn independently."""
    between = np.einsum("i,j,ij->", weights, weights, np.subtract.outer(mus, mus) ** 2) / 2
    return np.array([np.dot(weights, mus), np.sqrt(np.einsum("i,i,i->", weights, sigmas, sigmas) + between)])


def moment_match_in_fractions(weights, mus, sigmas):
    triples = [[Fraction(float(v)) for v in triple] for triple in zip(weights, mus, sigmas, strict=True)]
    mu = sum(w * m for w, m, _ in triples)
    variance = sum(w * (s**2 + (m - mu) ** 2) for w, m, s in triples)
    return float(mu), math.sqrt(variance)


def moment_match_in_one_pass(weights, mus, sigmas):
    """Running moments: each component pulls the mean towards itself by its share of the weight so far."""
    total = mu = scatter = 0.0
    for w, m, s in zip(weights.tolist(), mus.tolist(), sigmas.tolist(), strict=True):
        if w:
            total += w
            step = m - mu
            mu += step * w / total
            scatter += w * (s**2 + step * (m - mu))
    return mu, scatter**0.5


def moment_match_in_long_double(weights, mus, sigmas):
    w, m, s = (np.asarray(value, dtype=np.longdouble) for value in (weights, mus, sigmas))
    mu = (w * m).sum()
    return mu, np.sqrt((w * (s**2 + (m - mu) ** 2)).sum())


# --- where rounding is all there is ------------------------------------------------------------------------

P = np.array([0.1, 0.2, 0.3, 0.4])
Q = P + 1e-7 * np.array([1, -1, 1, -1])
ROUNDED = {
    "entropy": Call((np.array([1 - 3e-12, 3e-12]),)),
    "kl_divergence": Call((P, Q)),
    "js_divergence": Call((P, Q)),
    "gaussian_kl": Call((1.0, 3.0, 1.0 + 1e-7, 3.0 + 1e-7)),
    "moment_match": Call((P, np.array([4.0, 3.0, -2.0, -1.0 + 1e-9]), np.ones(4))),
}
