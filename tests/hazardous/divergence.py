"""Hazardous formulas of the topic divergence."""

from __future__ import annotations

import numpy as np

# --- entropy -------------------------------------------------------------------------------------------------


def entropy_by_the_formula_as_it_stands(p):
    return -np.sum(p * np.log(p))


def entropy_with_a_constant_of_1e_15_in_the_logarithm(p):
    return -np.sum(p * np.log(p + 1e-15))


def entropy_with_a_constant_of_1e_16_in_the_logarithm(p):
    return -np.sum(p * np.log(p + 1e-16))


def entropy_with_a_constant_of_1e_300_in_the_logarithm(p):
    return -np.sum(p * np.log(p + 1e-300))


def entropy_with_probabilities_clipped_at_1e_12(p):
    clipped = np.clip(p, 1e-12, 1)
    return -np.sum(clipped * np.log(clipped))


def entropy_with_probabilities_clipped_at_1e_15(p):
    clipped = np.clip(p, 1e-15, 1)
    return -np.sum(clipped * np.log(clipped))


def entropy_without_probabilities_below_1e_10(p):
    kept = p[p > 1e-10]
    return -np.sum(kept * np.log(kept))


def entropy_by_the_logarithm_of_a_product_of_powers(p):
    return -np.log(np.prod(np.asarray(p, dtype=float) ** p))


# --- kl_divergence -------------------------------------------------------------------------------------------


def kl_divergence_with_a_constant_of_1e_15_in_both(p, q):
    return np.where(np.any((q == 0) & (p > 0)), np.inf, np.sum(p * np.log((p + 1e-15) / (q + 1e-15))))


def kl_divergence_with_a_constant_of_1e_300_below(p, q):
    kept = p > 0
    return np.sum(p[kept] * np.log(p[kept] / (q[kept] + 1e-300)))


def kl_divergence_with_q_clipped_at_1e_15_unless_zero(p, q):
    kept = p > 0
    below = np.where(q[kept] == 0, 0.0, np.maximum(q[kept], 1e-15))
    return np.sum(p[kept] * np.log(p[kept] / below))


def kl_divergence_by_the_logarithm_of_a_product(p, q):
    kept = p > 0
    return np.log(np.prod((p[kept] / q[kept]) ** p[kept]))


def kl_divergence_by_the_square_of_the_difference(p, q):
    """Half of chi-squared: the first term of a series, good where p and q are close."""
    kept = p > 0
    return np.sum((p[kept] - q[kept]) ** 2 / q[kept]) / 2


def kl_divergence_with_a_floor_at_zero(p, q):
    """It is never negative: cutting off what rounding leaves below zero is right."""
    kept = p > 0
    return max(np.sum(p[kept] * (np.log(p[kept]) - np.log(q[kept]))), 0.0)


# --- js_divergence -------------------------------------------------------------------------------------------


def js(p, q, constant):
    m = (p + q) / 2
    return sum(np.sum(a * np.log((a + constant) / (m + constant))) for a in (p, q)) / 2


def js_divergence_with_a_constant_of_1e_12(p, q):
    return js(np.asarray(p, dtype=float), np.asarray(q, dtype=float), 1e-12)


def js_divergence_with_a_constant_of_1e_14(p, q):
    return js(np.asarray(p, dtype=float), np.asarray(q, dtype=float), 1e-14)


def js_divergence_with_a_constant_of_1e_15(p, q):
    return js(np.asarray(p, dtype=float), np.asarray(q, dtype=float), 1e-15)


def js_divergence_by_the_square_of_the_difference(p, q):
    m = (p + q) / 2
    kept = m > 0
    return np.sum((p[kept] - q[kept]) ** 2 / m[kept]) / 8


def js_divergence_without_outcomes_below_1e_10(p, q):
    kept = (p > 1e-10) | (q > 1e-10)
    p, q = np.where(p > 0, p, 1e-300)[kept], np.where(q > 0, q, 1e-300)[kept]
    return js(p, q, 0.0)


# --- gaussian_kl ---------------------------------------------------------------------------------------------


def gaussian_kl_by_expanding_the_square(mu1, sigma1, mu2, sigma2):
    squares = np.square(mu1) - 2 * np.multiply(mu1, mu2) + np.square(mu2)
    ratio = np.divide(sigma1, sigma2)
    return (ratio**2 + squares / np.square(sigma2) - 1) / 2 - np.log(ratio)


def gaussian_kl_by_a_negative_power(mu1, sigma1, mu2, sigma2):
    """NumPy refuses to raise an integer array to -2."""
    squares = np.square(sigma1) + np.square(np.subtract(mu1, mu2))
    return (squares * sigma2**-2 - 1) / 2 + np.log(np.divide(sigma2, sigma1))


def gaussian_kl_with_a_constant_of_1e_20_in_the_variances(mu1, sigma1, mu2, sigma2):
    v1, v2 = np.square(sigma1, dtype=float) + 1e-20, np.square(sigma2, dtype=float) + 1e-20
    return (v1 / v2 + np.square(np.subtract(mu1, mu2)) / v2 - 1 + np.log(v2 / v1)) / 2


def gaussian_kl_by_integration(mu1, sigma1, mu2, sigma2):
    z = np.linspace(-12, 12, 4001)
    x = np.asarray(mu1)[..., None] + np.asarray(sigma1)[..., None] * z
    log_q = -(((x - np.asarray(mu2)[..., None]) / np.asarray(sigma2)[..., None]) ** 2) / 2
    gap = -(z**2) / 2 - log_q + np.log(np.divide(sigma2, sigma1))[..., None]
    return np.sum(np.exp(-(z**2) / 2) * gap, axis=-1) * (z[1] - z[0]) / np.sqrt(2 * np.pi)


# --- moment_match --------------------------------------------------------------------------------------------


def moment_match_by_one_pass(weights, mus, sigmas):
    mu = np.sum(weights * mus)
    return mu, np.sqrt(np.sum(weights * (sigmas**2 + mus**2)) - mu**2)


def moment_match_by_the_variance_between_in_one_pass(weights, mus, sigmas):
    mu = np.sum(weights * mus)
    return mu, np.sqrt(np.sum(weights * sigmas**2) + (np.sum(weights * mus**2) - mu**2))


def moment_match_by_one_pass_in_float64(weights, mus, sigmas):
    weights, mus, sigmas = (np.asarray(part, dtype=float) for part in (weights, mus, sigmas))
    return moment_match_by_one_pass(weights, mus, sigmas)


def moment_match_with_a_floor_of_1e_12_under_the_root(weights, mus, sigmas):
    mu = np.sum(weights * mus)
    return mu, np.sqrt(np.maximum(np.sum(weights * (sigmas**2 + (mus - mu) ** 2)), 1e-12))


def moment_match_without_weights_below_1e_10(weights, mus, sigmas):
    kept = np.where(weights > 1e-10, weights, 0)
    mu = np.sum(kept * mus)
    return mu, np.sqrt(np.sum(kept * (sigmas**2 + (mus - mu) ** 2)))


def moment_match_by_sampling(weights, mus, sigmas):
    rng = np.random.default_rng(0)
    which = rng.choice(len(weights), 100_000, p=np.asarray(weights, dtype=float) / np.sum(weights, dtype=float))
    x = rng.normal(np.asarray(mus)[which], np.asarray(sigmas)[which])
    return x.mean(), x.std()


KEPT = {
    "entropy_with_a_constant_of_1e_16_in_the_logarithm": "it is lost beside every p but the tiniest",
    "entropy_with_a_constant_of_1e_300_in_the_logarithm": (
        "it is lost beside every p that is asked, and 0 times its log is 0"
    ),
    "entropy_by_the_logarithm_of_a_product_of_powers": "the product is exp(-entropy), which is in range",
    "kl_divergence_by_the_logarithm_of_a_product": "the product is exp(divergence), which is in range",
    "kl_divergence_with_a_floor_at_zero": "it is right",
    "gaussian_kl_by_integration": "the trapezoidal rule has all digits for a bell",
    "moment_match_by_one_pass_in_float64": (
        "at most 100 deviations from zero it costs float64 a few of its last digits"
    ),
}
