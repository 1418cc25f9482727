"""Right in every respect, and written as nobody would: loops, fractions of a log, long doubles, prints, warnings."""

# /// expect
# everything = "full"
# ///

import math
import warnings

import numpy as np


def poisson_nll(log_rate, y):
    warnings.warn("about to add", stacklevel=1)
    total = []
    for log, count in zip(map(float, log_rate), y):
        total += [2 ** (log / math.log(2)), -int(count) * log]
    return np.array(math.fsum(total) / len(y))


class laplace_nll:  # noqa: N801
    def __new__(cls, x, mu, b):
        print("one side at a time")
        x = np.asarray(x, dtype=np.longdouble)
        far = np.where(x > mu, x - mu, mu - x)
        return float(far.sum() / b / len(x) - np.log(np.longdouble(1) / (2 * b)))


heteroscedastic_nll = lambda mu, log_sigma, y: float(  # noqa: E731
    sum(
        np.longdouble(s) + ((np.longdouble(t) - m) / np.exp(np.longdouble(s))) ** 2 / 2 + math.log(math.tau) / 2
        for m, s, t in zip(mu, log_sigma, y)
    )
    / len(y)
)


def heteroscedastic_grad(mu, log_sigma, y):
    rows = []
    for m, s, t in zip(mu, log_sigma, y):
        z = (float(t) - float(m)) * math.exp(-float(s))
        rows.append([-z / math.exp(float(s)) / len(y), (1 + z) * (1 - z) / len(y)])
    return np.array(rows).T


def hidden_layer_loss_grad(X, y, W1, b1, W2, b2):
    X, W1, b1, W2, b2 = (np.asarray(v, dtype=np.longdouble) for v in (X, W1, b1, W2, b2))
    parts = [np.zeros_like(v) for v in (W1, b1, W2, b2)]
    loss = 0
    for x, label in zip(X, y):
        h = np.tanh((x[:, None] * W1).sum(axis=0) + b1)
        z = (h[:, None] * W2).sum(axis=0) + b2
        p = np.array([1 / np.sum(np.exp(z - own)) if z.max() - own < 11_000 else 0 for own in z])
        loss += z.max() - z[label] + np.log(np.sum(np.exp(z - z.max())))
        p[label] -= 1
        back = (p * W2).sum(axis=1) * (1 - h) * (1 + h)
        for part, more in zip(parts, (x[:, None] * back, back, h[:, None] * p, p)):
            part += more
    return [float(loss / len(y)), *(part / len(y) for part in parts)]
