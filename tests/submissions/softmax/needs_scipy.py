"""Leaves the work to a library that is not allowed."""

# /// expect
# everything = "nothing"
# ///

from scipy.special import log_softmax, logsumexp, softmax
