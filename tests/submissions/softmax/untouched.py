"""The release as it was handed out."""

# /// expect
# everything = "nothing"
# ///


def softmax(z, axis=-1, temperature=1.0):
    # YOUR CODE HERE
    raise NotImplementedError()


def logsumexp(z, axis=-1):
    # YOUR CODE HERE
    raise NotImplementedError()


def log_softmax(z, axis=-1):
    # YOUR CODE HERE
    raise NotImplementedError()


def cross_entropy(logits, y):
    # YOUR CODE HERE
    raise NotImplementedError()


def numerical_gradient(f, x, h=1e-5):
    # YOUR CODE HERE
    raise NotImplementedError()


def cross_entropy_grad(logits, y):
    # YOUR CODE HERE
    raise NotImplementedError()
