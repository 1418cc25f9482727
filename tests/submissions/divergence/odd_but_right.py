"""Right in every respect, and written as nobody would: recursion, fractions, complex numbers, prints, warnings."""

# /// expect
# everything = "full"
# ///

import cmath
import math
import warnings
from fractions import Fraction
from functools import reduce

import numpy as np


def entropy(p):
    print("entropy was called", end="" * 1000)
    total = 0j
    for value in np.array(p, dtype=float, copy=True):
        total -= value * cmath.log(value) if value else 0
    return np.array(total.real)


class kl_divergence:  # noqa: N801
    def __new__(cls, p, q):
        warnings.warn("about to divide", stacklevel=1)
        if len(p) == 0:
            return 0.0
        a, b = float(p[0]), float(q[0])
        with np.errstate(divide="ignore"):
            term = a * (math.log(a) - float(np.log(b))) if a > 0 else 0.0
        return term + cls(p[1:], q[1:])


js_divergence = lambda p, q: math.fsum(  # noqa: E731
    v * (math.log(v) - math.log((float(a) + float(b)) / 2)) / 2
    for a, b in zip(p, q)
    for v in (float(a), float(b))
    if v > 0.0
)


def gaussian_kl(*arguments, **named):
    mu1, sigma1, mu2, sigma2 = (np.array(a, dtype=np.longdouble) for a in (*arguments, *named.values()))
    log_ratio = np.log(sigma1) - np.log(sigma2)
    return (np.exp(2 * log_ratio) - 1) / 2 - log_ratio + ((mu1 - mu2) / sigma2) ** 2 / 2


def moment_match(weights, mus, sigmas):
    parts = [[Fraction(float(x)) for x in part] for part in zip(weights, mus, sigmas)]
    mu = reduce(lambda total, part: total + part[0] * part[1], parts, Fraction(0))
    variance = sum(w * (s * s + m * m) for w, m, s in parts) - mu * mu
    return [float(mu), math.sqrt(variance)]
