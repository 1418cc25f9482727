"""Right but for one factor that the chain rule brings: the loss is right, and so is a part of its gradient."""

# /// expect
# heteroscedastic_grad = { score = 1.75, mistakes = ["by-sigma-not-its-logarithm"] }
# hidden_layer_loss_grad = { score = 4.25, mistakes = ["tanh-slope-missing"] }
# ///

import numpy as np


def heteroscedastic_grad(mu, log_sigma, y):
    sigma = np.exp(log_sigma)
    z = (y - mu) / sigma
    return -z / sigma / len(y), (1 - z**2) / sigma / len(y)


def hidden_layer_loss_grad(X, y, W1, b1, W2, b2):
    h = np.tanh(X @ W1 + b1)
    z = h @ W2 + b2
    z = z - z.max(axis=1, keepdims=True)
    p = np.exp(z)
    p /= p.sum(axis=1, keepdims=True)
    loss = np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y])
    dz = (p - np.eye(len(b2))[y]) / len(y)
    da = dz @ W2.T
    return loss, X.T @ da, da.sum(axis=0), h.T @ dz, dz.sum(axis=0)
