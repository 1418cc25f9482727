"""Hazardous formulas of the topic bernoulli."""

from __future__ import annotations

import numpy as np

# --- bernoulli_nll -------------------------------------------------------------------------------------------


def bernoulli_nll_by_both_terms(p, y):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def bernoulli_nll_by_both_terms_without_nan(p, y):
    return -np.nanmean(y * np.log(p) + (1 - y) * np.log(1 - p))


def bernoulli_nll_with_probabilities_clipped_to_the_smallest_float(p, y):
    label = np.where(y == 1, p, 1 - p)
    return -np.mean(np.log(np.maximum(label, np.finfo(float).tiny)))


def bernoulli_nll_by_the_logarithm_of_the_product(p, y):
    return -np.log(np.prod(np.where(y == 1, p, 1 - p))) / len(y)


def bernoulli_nll_by_powers(p, y):
    return -np.mean(np.log(p**y * (1 - p) ** (1 - y)))


def bernoulli_nll_by_distances(p, y):
    return -np.mean(np.log(1 - np.abs(y - p)))


def bernoulli_nll_by_a_logit(p, y):
    z = np.log(p) - np.log(1 - p)
    return np.mean(np.logaddexp(0, z) - z * y)


def bernoulli_nll_by_log1p(p, y):
    """Right, and better than log(1 - p) for tiny p."""
    p = np.asarray(p, dtype=float)
    return -np.mean(np.where(y == 1, np.log(p), np.log1p(-p)))


def bernoulli_nll_with_a_constant_of_1e_16(p, y):
    return -np.mean(y * np.log(p + 1e-16) + (1 - y) * np.log(1 - p + 1e-16))


def bernoulli_nll_with_losses_capped_at_100(p, y):
    """As PyTorch does."""
    return -np.mean(np.maximum(np.log(np.where(y == 1, p, 1 - p)), -100.0))


# --- bce_with_logits -----------------------------------------------------------------------------------------


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def bce_with_logits_by_the_sigmoid(z, y):
    return bernoulli_nll_by_both_terms(sigmoid(z), y)


def bce_with_logits_by_one_logarithm_of_the_sigmoid(z, y):
    return -np.mean(np.log(np.where(y == 1, sigmoid(z), 1 - sigmoid(z))))


def bce_with_logits_by_the_sigmoid_of_either_sign(z, y):
    return -np.mean(y * np.log(sigmoid(z)) + (1 - y) * np.log(sigmoid(-z)))


def bce_with_logits_by_an_unguarded_softplus(z, y):
    return np.mean(np.log(1 + np.exp(z)) - z * y)


def bce_with_logits_by_log1p_alone(z, y):
    return np.mean(np.log1p(np.exp(z)) - z * y)


def bce_with_logits_by_margins(z, y):
    return np.mean(np.log1p(np.exp(-(2 * y - 1) * z)))


def bce_with_logits_with_logits_clipped_at_500(z, y):
    z = np.clip(z, -500, 500)
    return np.mean(np.logaddexp(0, z) - z * y)


def bce_with_logits_with_logits_clipped_at_30(z, y):
    z = np.clip(z, -30, 30)
    return np.mean(np.logaddexp(0, z) - z * y)


def bce_with_logits_with_the_line_beyond_10(z, y):
    return np.mean(np.where(z > 10, z, np.log1p(np.exp(np.minimum(z, 10)))) - z * y)


def bce_with_logits_with_the_line_beyond_15(z, y):
    return np.mean(np.where(z > 15, z, np.log1p(np.exp(np.minimum(z, 15)))) - z * y)


def bce_with_logits_with_the_line_beyond_20(z, y):
    """As PyTorch's softplus does: what is left out is 2e-9 of a loss of 20, or rounding."""
    return np.mean(np.where(z > 20, z, np.log1p(np.exp(np.minimum(z, 20)))) - z * y)


def bce_with_logits_by_log_without_log1p(z, y):
    z = np.asarray(z, dtype=float)
    return np.mean(np.maximum(z, 0) - z * y + np.log(1 + np.exp(-np.abs(z))))


def bce_with_logits_with_a_constant_of_1e_15(z, y):
    p = sigmoid(np.asarray(z, dtype=float))
    return -np.mean(y * np.log(p + 1e-15) + (1 - y) * np.log(1 - p + 1e-15))


# --- bce_grad ------------------------------------------------------------------------------------------------


def bce_grad_by_a_quotient_of_exponentials(z, y):
    return (np.exp(z) / (1 + np.exp(z)) - y) / len(y)


def bce_grad_by_both_branches(z, y):
    """The branches are chosen by a product instead of np.where: 0 times nan is nan."""
    upper = z >= 0
    p = upper * sigmoid(z) + (1 - upper) * (np.exp(z) / (1 + np.exp(z)))
    return (p - y) / len(y)


def bce_grad_with_logits_clipped_at_30(z, y):
    return (sigmoid(np.clip(z, -30, 30)) - y) / len(y)


def bce_grad_with_logits_clipped_at_500(z, y):
    return (sigmoid(np.clip(np.asarray(z, dtype=float), -500, 500)) - y) / len(y)


def bce_grad_by_an_unguarded_sigmoid(z, y):
    """1 / (1 + inf) is 0, with a warning."""
    return (sigmoid(np.asarray(z, dtype=float)) - y) / len(y)


def bce_grad_by_the_chain_rule_through_p(z, y):
    p = sigmoid(z)
    return ((1 - y) / (1 - p) - y / p) * p * (1 - p) / len(y)


def bce_grad_with_the_sigmoid_clipped_at_1e_7(z, y):
    return (np.clip(sigmoid(z), 1e-7, 1 - 1e-7) - y) / len(y)


def bce_grad_by_differences_of_the_loss(z, y, h=1e-5):
    def losses(v):
        return np.logaddexp(0, v) - v * y

    return (losses(z + h) - losses(z - h)) / (2 * h) / len(y)


# --- fit_logistic --------------------------------------------------------------------------------------------


def descended(X, y, l2, lr, steps, p):
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        w = w - lr * (X.T @ (p(X @ w) - y) / len(y) + l2 * w)
    return w


def fit_logistic_by_a_quotient_of_exponentials(X, y, l2=0.0, lr=0.1, steps=1000):
    return descended(X, y, l2, lr, steps, lambda z: np.exp(z) / (1 + np.exp(z)))


def fit_logistic_with_logits_clipped_at_10(X, y, l2=0.0, lr=0.1, steps=1000):
    return descended(X, y, l2, lr, steps, lambda z: sigmoid(np.clip(z, -10, 10)))


def fit_logistic_with_logits_clipped_at_500(X, y, l2=0.0, lr=0.1, steps=1000):
    return descended(X, y, l2, lr, steps, lambda z: sigmoid(np.clip(z, -500, 500)))


def fit_logistic_by_the_gradient_through_p(X, y, l2=0.0, lr=0.1, steps=1000):
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        p = sigmoid(X @ w)
        slope = ((1 - y) / (1 - p) - y / p) * p * (1 - p)
        w = w - lr * (X.T @ slope / len(y) + l2 * w)
    return w


def fit_logistic_without_steps_after_convergence(X, y, l2=0.0, lr=0.1, steps=1000):
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        gradient = X.T @ (sigmoid(X @ w) - y) / len(y) + l2 * w
        if np.linalg.norm(gradient) < 1e-6:
            break
        w = w - lr * gradient
    return w


KEPT = {
    "bernoulli_nll_by_powers": "0 to the power of 0 is 1: every label has its own probability",
    "bernoulli_nll_by_log1p": "it is right",
    "bce_with_logits_with_the_line_beyond_20": (
        "what is left out is less than 1e-9 of the loss, or less than 16 eps"
    ),
    "bce_with_logits_by_log_without_log1p": "what is lost beside 1 is less than 16 eps",
    "bce_grad_with_logits_clipped_at_500": "the sigmoid is 0 or 1 there but for exp(-500)",
    "bce_grad_by_an_unguarded_sigmoid": "it is right, and warns",
    "fit_logistic_with_logits_clipped_at_500": "the sigmoid is 0 or 1 there but for exp(-500)",
}
