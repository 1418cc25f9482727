"""The release as it was handed out."""

# /// expect
# everything = "nothing"
# ///


def train_softmax_regression(X, y, num_classes, l2=0.0, lr=0.5, steps=200):
    # YOUR CODE HERE
    raise NotImplementedError()


def fit_temperature(logits, y):
    # YOUR CODE HERE
    raise NotImplementedError()


def explained_variance_ratio(X):
    # YOUR CODE HERE
    raise NotImplementedError()


def fit_class_gaussians(X, y, num_classes, ridge=1e-3):
    # YOUR CODE HERE
    raise NotImplementedError()


def sample_gaussian(mu, cov, z):
    # YOUR CODE HERE
    raise NotImplementedError()


def bayes_classifier_log_posterior(X, priors, means, covs):
    # YOUR CODE HERE
    raise NotImplementedError()
