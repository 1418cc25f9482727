"""Hazardous formulas of the topic softmax."""

from __future__ import annotations

import numpy as np

# --- softmax -----------------------------------------------------------------------------------------------


def normalised(weights, axis):
    return weights / np.sum(weights, axis=axis, keepdims=True)


def softmax_by_shifting_large_logits_alone(z, axis=-1, temperature=1.0):
    z = np.asarray(z, dtype=float) / temperature
    top = np.max(z, axis=axis, keepdims=True)
    return normalised(np.exp(z - np.where(top > 500, top, 0.0)), axis)


def softmax_by_shifting_positive_logits_alone(z, axis=-1, temperature=1.0):
    z = np.asarray(z, dtype=float) / temperature
    return normalised(np.exp(z - np.maximum(np.max(z, axis=axis, keepdims=True), 0.0)), axis)


def softmax_by_shifting_where_the_sum_is_not_finite(z, axis=-1, temperature=1.0):
    z = np.asarray(z, dtype=float) / temperature
    plain = normalised(np.exp(z), axis)
    shifted = normalised(np.exp(z - np.max(z, axis=axis, keepdims=True)), axis)
    return np.where(np.all(np.isfinite(plain), axis=axis, keepdims=True), plain, shifted)


def softmax_by_shifting_before_the_temperature(z, axis=-1, temperature=1.0):
    z = np.asarray(z, dtype=float)
    return normalised(np.exp(z / temperature - np.max(z, axis=axis, keepdims=True)), axis)


def softmax_by_shifting_when_the_undivided_logits_are_large(z, axis=-1, temperature=1.0):
    z = np.asarray(z, dtype=float)
    if np.max(np.abs(z)) < 700:
        return normalised(np.exp(z / temperature), axis)
    return normalised(np.exp((z - np.max(z, axis=axis, keepdims=True)) / temperature), axis)


def softmax_by_shifting_by_the_mean(z, axis=-1, temperature=1.0):
    z = np.asarray(z, dtype=float) / temperature
    return normalised(np.exp(z - np.mean(z, axis=axis, keepdims=True)), axis)


def softmax_by_shifting_by_the_largest_size(z, axis=-1, temperature=1.0):
    z = np.asarray(z, dtype=float) / temperature
    return normalised(np.exp(z - np.max(np.abs(z), axis=axis, keepdims=True)), axis)


def softmax_with_logits_clipped_at_500(z, axis=-1, temperature=1.0):
    return normalised(np.exp(np.clip(np.asarray(z, dtype=float) / temperature, -500, 500)), axis)


def softmax_with_shifted_logits_clipped_at_50(z, axis=-1, temperature=1.0):
    z = np.asarray(z, dtype=float) / temperature
    return normalised(np.exp(np.maximum(z - np.max(z, axis=axis, keepdims=True), -50.0)), axis)


def softmax_with_a_constant_of_1e_15_added(z, axis=-1, temperature=1.0):
    z = np.asarray(z, dtype=float) / temperature
    return normalised(np.exp(z - np.max(z, axis=axis, keepdims=True)) + 1e-15, axis)


def softmax_with_probabilities_floored_at_1e_20(z, axis=-1, temperature=1.0):
    z = np.asarray(z, dtype=float) / temperature
    return np.maximum(normalised(np.exp(z - np.max(z, axis=axis, keepdims=True)), axis), 1e-20)


def softmax_with_a_constant_of_1e_16_in_the_denominator(z, axis=-1, temperature=1.0):
    z = np.asarray(z, dtype=float) / temperature
    weights = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return weights / (np.sum(weights, axis=axis, keepdims=True) + 1e-16)


def softmax_by_a_power_after_underflow(z, axis=-1, temperature=1.0):
    z = np.asarray(z, dtype=float)
    p = normalised(np.exp(z - np.max(z, axis=axis, keepdims=True)), axis)
    return normalised(p ** (1 / temperature), axis)


# --- logsumexp ---------------------------------------------------------------------------------------------


def logsumexp_by_shifting_large_logits_alone(z, axis=-1):
    top = np.max(z, axis=axis, keepdims=True)
    shift = np.where(top > 500, top, 0.0)
    return np.log(np.sum(np.exp(z - shift), axis=axis)) + np.squeeze(shift, axis)


def logsumexp_by_shifting_where_the_sum_is_not_finite(z, axis=-1):
    top = np.max(z, axis=axis)
    plain = np.log(np.sum(np.exp(z), axis=axis))
    kept = np.expand_dims(np.where(np.isfinite(top), top, 0.0), axis)
    shifted = np.log(np.sum(np.exp(z - kept), axis=axis)) + np.squeeze(kept, axis)
    return np.where(np.isfinite(plain), plain, shifted)


def logsumexp_by_shifting_by_the_mean(z, axis=-1):
    finite = np.where(np.isfinite(z), z, 0.0)
    shift = np.mean(finite, axis=axis, keepdims=True)
    return np.log(np.sum(np.exp(z - shift), axis=axis)) + np.squeeze(shift, axis)


def logsumexp_with_logits_clipped_at_700(z, axis=-1):
    return np.log(np.sum(np.exp(np.minimum(z, 700)), axis=axis))


def logsumexp_with_a_constant_in_the_logarithm(z, axis=-1):
    top = np.max(z, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    return np.log(np.sum(np.exp(z - top), axis=axis) + 1e-300) + np.squeeze(top, axis)


def logsumexp_with_shifted_logits_clipped_at_50(z, axis=-1):
    top = np.max(z, axis=axis, keepdims=True)
    shift = np.where(np.isfinite(top), top, 0.0)
    result = np.log(np.sum(np.exp(np.maximum(z - shift, -50.0)), axis=axis)) + np.squeeze(shift, axis)
    return np.where(np.isneginf(np.squeeze(top, axis)), -np.inf, result)


# --- log_softmax -------------------------------------------------------------------------------------------


def log_softmax_by_shifting_large_logits_alone(z, axis=-1):
    return z - np.expand_dims(logsumexp_by_shifting_large_logits_alone(z, axis), axis)


def log_softmax_with_shifted_logits_clipped_at_50(z, axis=-1):
    shifted = np.maximum(z - np.max(z, axis=axis, keepdims=True), -50.0)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def log_softmax_with_a_constant_of_1e_300_in_the_logarithm(z, axis=-1):
    return np.log(normalised(np.exp(z - np.max(z, axis=axis, keepdims=True)), axis) + 1e-300)


def log_softmax_with_zeros_replaced(z, axis=-1):
    p = normalised(np.exp(z - np.max(z, axis=axis, keepdims=True)), axis)
    return np.log(np.where(p == 0, np.finfo(float).tiny, p))


def log_softmax_by_the_logarithm_after_the_shift(z, axis=-1):
    shifted = z - np.max(z, axis=axis, keepdims=True)
    return np.log(np.exp(shifted) / np.sum(np.exp(shifted), axis=axis, keepdims=True))


# --- cross_entropy -----------------------------------------------------------------------------------------


def own(log_p, y):
    return -np.mean(log_p[np.arange(len(y)), y])


def cross_entropy_by_shifting_large_logits_alone(logits, y):
    return own(log_softmax_by_shifting_large_logits_alone(logits), y)


def cross_entropy_by_shifting_when_one_is_large(logits, y):
    shift = np.max(logits, axis=1, keepdims=True) if np.max(logits) > 500 else 0.0
    shifted = logits - shift
    return own(shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True)), y)


def cross_entropy_with_losses_capped_at_1000(logits, y):
    log_p = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return own(np.maximum(log_p, -1000.0), y)


def cross_entropy_with_a_constant_of_1e_300_in_the_logarithm(logits, y):
    return own(log_softmax_with_a_constant_of_1e_300_in_the_logarithm(logits), y)


def cross_entropy_by_one_hot_times_the_log_of_softmax(logits, y):
    p = normalised(np.exp(logits - np.max(logits, axis=1, keepdims=True)), 1)
    return -np.sum(np.eye(logits.shape[1])[y] * np.log(p)) / len(y)


# --- cross_entropy_grad ------------------------------------------------------------------------------------


def cross_entropy_grad_by_shifting_large_logits_alone(logits, y):
    p = softmax_by_shifting_large_logits_alone(logits, 1)
    return (p - np.eye(logits.shape[1])[y]) / len(y)


def cross_entropy_grad_by_shifting_when_one_is_large(logits, y):
    shift = np.max(logits, axis=1, keepdims=True) if np.max(logits) > 500 else 0.0
    return (normalised(np.exp(logits - shift), 1) - np.eye(logits.shape[1])[y]) / len(y)


def cross_entropy_grad_with_shifted_logits_clipped_at_50(logits, y):
    p = softmax_with_shifted_logits_clipped_at_50(logits, 1)
    return (p - np.eye(logits.shape[1])[y]) / len(y)


def cross_entropy_grad_by_dividing_by_the_probability(logits, y):
    """The chain rule through log p: -1/p of the label times the Jacobian of softmax, 0 / 0 where p underflows."""
    p = normalised(np.exp(logits - np.max(logits, axis=1, keepdims=True)), 1)
    gradient = np.empty(p.shape)
    for i, label in enumerate(y):
        jacobian = np.diag(p[i]) - np.outer(p[i], p[i])
        gradient[i] = -jacobian[label] / p[i, label]
    return gradient / len(y)


def cross_entropy_grad_by_differences_of_the_loss(logits, y, h=1e-5):
    """Central differences of a stable loss: good to ten digits at best."""
    gradient = np.empty(logits.shape)
    for index in np.ndindex(logits.shape):
        step = np.zeros(logits.shape)
        step[index] = h
        up, down = logits + step, logits - step
        losses = [own(z - np.logaddexp.reduce(z, axis=1, keepdims=True), y) for z in (up, down)]
        gradient[index] = (losses[0] - losses[1]) / (2 * h)
    return gradient


# --- numerical_gradient --------------------------------------------------------------------------------------


def numerical_gradient_by_relative_steps(f, x, h=1e-5):
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        step = h * max(1.0, abs(x[index]))
        up, down = x.copy(), x.copy()
        up[index] += step
        down[index] -= step
        gradient[index] = (f(up) - f(down)) / (2 * step)
    return gradient


def numerical_gradient_with_a_step_of_1e_12(f, x, h=1e-5):
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += 1e-12
        down[index] -= 1e-12
        gradient[index] = (f(up) - f(down)) / 2e-12
    return gradient


def numerical_gradient_with_a_default_step_of_1e_2(f, x, h=1e-2):
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


def numerical_gradient_by_complex_steps(f, x, h=1e-5):
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        up = x.astype(complex)
        up[index] += 1j * h
        gradient[index] = np.imag(f(up)) / h
    return gradient


def numerical_gradient_by_five_points(f, x, h=1e-5):
    """Right, and of higher order: f is asked at x ± h, too."""
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        near, far = f(x + step) - f(x - step), f(x + 2 * step) - f(x - 2 * step)
        gradient[index] = (8 * near - far) / (12 * h)
    return gradient


KEPT = {
    "softmax_by_shifting_when_the_undivided_logits_are_large": (
        "logits just below 700 with T below 1 are not asked: whoever neither shifts nor divides is right there, "
        "and no single mistake would explain the check"
    ),
    "softmax_with_a_constant_of_1e_16_in_the_denominator": "the denominator is at least 1: nothing changes",
    "logsumexp_with_shifted_logits_clipped_at_50": "exp(-50) beside 1 is less than rounding",
    "cross_entropy_grad_with_shifted_logits_clipped_at_50": (
        "exp(-50) is less than the rounding of p - 1, at the size of 1"
    ),
    "numerical_gradient_by_five_points": "it asks at x ± h, and further out only as well",
}
