"""The release as it was handed out."""

# /// expect
# everything = "nothing"
# ///


def poisson_nll(log_rate, y):
    # YOUR CODE HERE
    raise NotImplementedError()


def laplace_nll(x, mu, b):
    # YOUR CODE HERE
    raise NotImplementedError()


def heteroscedastic_nll(mu, log_sigma, y):
    # YOUR CODE HERE
    raise NotImplementedError()


def heteroscedastic_grad(mu, log_sigma, y):
    # YOUR CODE HERE
    raise NotImplementedError()


def hidden_layer_loss_grad(X, y, W1, b1, W2, b2):
    # YOUR CODE HERE
    raise NotImplementedError()
