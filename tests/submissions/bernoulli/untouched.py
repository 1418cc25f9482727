"""The release as it was handed out."""

# /// expect
# everything = "nothing"
# ///


def bernoulli_nll(p, y):
    # YOUR CODE HERE
    raise NotImplementedError()


def bce_with_logits(z, y):
    # YOUR CODE HERE
    raise NotImplementedError()


def bce_grad(z, y):
    # YOUR CODE HERE
    raise NotImplementedError()


def fit_logistic(X, y, l2=0.0, lr=0.1, steps=1000):
    # YOUR CODE HERE
    raise NotImplementedError()
