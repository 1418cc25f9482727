"""The release as it was handed out."""

# /// expect
# everything = "nothing"
# ///


def expectation(values, probs):
    # YOUR CODE HERE
    raise NotImplementedError()


def variance(values, probs):
    # YOUR CODE HERE
    raise NotImplementedError()


def dice_sum_pmf(n, sides=6):
    # YOUR CODE HERE
    raise NotImplementedError()


def bayes_posterior(prior, likelihood):
    # YOUR CODE HERE
    raise NotImplementedError()


def sequential_posterior(prior, likelihoods):
    # YOUR CODE HERE
    raise NotImplementedError()


def positive_predictive_value(prevalence, sensitivity, specificity):
    # YOUR CODE HERE
    raise NotImplementedError()
