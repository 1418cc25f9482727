"""What the students' text promises to ask at the ends of a range is among the hidden inputs."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from autograder import exercises

BOUNDARIES = {
    "positive_predictive_value": {
        "nobody is ill": lambda prevalence, **_: prevalence == 0,
        "everybody is ill": lambda prevalence, **_: prevalence == 1,
        "everybody is ill, and the test is right about all who are well": lambda prevalence, specificity, **_: (
            prevalence == specificity == 1
        ),
        "no ill person is found": lambda sensitivity, **_: sensitivity == 0,
        "every ill person is found": lambda sensitivity, **_: sensitivity == 1,
        "every well person is suspected": lambda specificity, **_: specificity == 0,
        "no well person is suspected": lambda specificity, **_: specificity == 1,
    },
    "dice_sum_pmf": {"one die": lambda n, **_: n == 1, "a hundred dice": lambda n, **_: n == 100},
    "bayes_posterior": {
        "an impossible hypothesis": lambda prior, **_: (np.asarray(prior) == 0).any(),
        "a hypothesis that excludes what was seen": lambda likelihood, **_: (np.asarray(likelihood) == 0).any(),
    },
    "sequential_posterior": {
        "a hypothesis that excludes what was seen": lambda likelihoods, **_: (np.asarray(likelihoods) == 0).any(),
        "ten thousand observations": lambda likelihoods, **_: len(likelihoods) == 10_000,
    },
    "within_k_sigma": {"no width": lambda k: k == 0, "far out": lambda k: k > 6},
    "gaussian_log_pdf": {"40 standard deviations": lambda x, mu, sigma: (np.abs((x - mu) / sigma) > 39).any()},
    "logsumexp": {"a slice of -inf alone": lambda z, axis=-1: np.isneginf(z).all(axis=axis).any()},
    "softmax": {
        "a column": lambda z, axis=-1, **_: np.ndim(z) > 1 and axis % np.ndim(z) != np.ndim(z) - 1,
        "a low temperature": lambda temperature=1.0, **_: temperature < 0.1,
        "a high temperature": lambda temperature=1.0, **_: temperature >= 10,
        "large numbers": lambda z, **_: np.max(np.abs(z)) >= 1e4,
    },
    "bernoulli_nll": {
        "certain and right": lambda p, y: ((np.asarray(p) == 1) & (np.asarray(y) == 1)).any(),
        "certainly not, and right": lambda p, y: ((np.asarray(p) == 0) & (np.asarray(y) == 0)).any(),
        "certain and wrong": lambda p, y: ((np.asarray(p) == 1) & (np.asarray(y) == 0)).any(),
        "certainly not, and wrong": lambda p, y: ((np.asarray(p) == 0) & (np.asarray(y) == 1)).any(),
    },
    "bce_with_logits": {
        "sure of the wrong": lambda z, y: ((np.asarray(z) >= 1e3) & (np.asarray(y) == 0)).any(),
        "sure of the wrong, below": lambda z, y: ((np.asarray(z) <= -1e3) & (np.asarray(y) == 1)).any(),
    },
    "entropy": {"what never happens": lambda p: (np.asarray(p) == 0).any(), "what is certain": lambda p: 1 in p},
    "kl_divergence": {
        "0 where q is 0": lambda p, q: ((np.asarray(p) == 0) & (np.asarray(q) == 0)).any(),
        "0 where q is not": lambda p, q: ((np.asarray(p) == 0) & (np.asarray(q) > 0)).any(),
        "q excludes what p has": lambda p, q: ((np.asarray(p) > 0) & (np.asarray(q) == 0)).any(),
    },
    "js_divergence": {"nothing in common": lambda p, q: not (np.asarray(p) * np.asarray(q)).any()},
    "heteroscedastic_nll": {
        "a tiny sigma": lambda log_sigma, **_: np.min(log_sigma) < -20,
        "a huge sigma": lambda log_sigma, **_: np.max(log_sigma) > 20,
    },
    "mvn_log_pdf": {"200 dimensions": lambda x, **_: len(x) == 200},
}


@pytest.mark.parametrize("name", BOUNDARIES)
def test_every_boundary_of_the_text_is_asked_of_every_student(name):
    exercise = exercises.find(name)
    parameters = inspect.signature(exercise.reference)
    for seed in range(2):
        asked = [
            parameters.bind(*call.args, **call.kwargs).arguments
            for check in exercise.checks
            for call in check.inputs(np.random.default_rng(seed))
        ]
        missing = [what for what, holds in BOUNDARIES[name].items() if not any(holds(**call) for call in asked)]
        assert missing == []
