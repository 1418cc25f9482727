"""The release as it was handed out."""

# /// expect
# everything = "nothing"
# ///


def entropy(p):
    # YOUR CODE HERE
    raise NotImplementedError()


def kl_divergence(p, q):
    # YOUR CODE HERE
    raise NotImplementedError()


def js_divergence(p, q):
    # YOUR CODE HERE
    raise NotImplementedError()


def gaussian_kl(mu1, sigma1, mu2, sigma2):
    # YOUR CODE HERE
    raise NotImplementedError()


def moment_match(weights, mus, sigmas):
    # YOUR CODE HERE
    raise NotImplementedError()
