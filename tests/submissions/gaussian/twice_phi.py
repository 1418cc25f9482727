"""Twice the distribution function minus one: right on paper, and without digits in a narrow band."""

# /// expect
# within_k_sigma = { score = 2.25, mistakes = ["twice-phi-minus-1"] }
# ///

from statistics import NormalDist


def within_k_sigma(k):
    return 2 * NormalDist().cdf(k) - 1
