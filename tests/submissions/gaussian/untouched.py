"""The release as it was handed out."""

# /// expect
# everything = "nothing"
# ///


def gaussian_log_pdf(x, mu, sigma):
    # YOUR CODE HERE
    raise NotImplementedError()


def gaussian_log_likelihood(x, mu, sigma):
    # YOUR CODE HERE
    raise NotImplementedError()


def gaussian_mle(x):
    # YOUR CODE HERE
    raise NotImplementedError()


def within_k_sigma(k):
    # YOUR CODE HERE
    raise NotImplementedError()


def covariance_matrix(X):
    # YOUR CODE HERE
    raise NotImplementedError()


def correlation(x, y):
    # YOUR CODE HERE
    raise NotImplementedError()


def mvn_log_pdf(x, mu, cov):
    # YOUR CODE HERE
    raise NotImplementedError()


def map_ridge(X, y, sigma2, tau2):
    # YOUR CODE HERE
    raise NotImplementedError()
