"""no_correlation(): what a correlation of 0 says."""

from autograder.judging import choice

exercise = choice(
    "no_correlation",
    topic="gaussian",
    right="d",
    wrong={
        "a": (
            "uncorrelated-is-independent",
            """Who knows X knows Y exactly, so that they are as dependent as can be. Which kind of dependence
            does ρ measure?""",
        ),
        "b": (
            "dependent-must-correlate",
            """The computation is right. What the right half of the parabola adds to the covariance, the left
            half takes away.""",
        ),
        "c": (
            "jointly-gaussian-assumed",
            """Y is never negative, and no Gaussian can promise that. Draw the points (X, Y): is that an
            ellipse?""",
        ),
    },
)
