"""zero_count(): what a count of 0 teaches."""

from autograder.judging import choice

exercise = choice(
    "zero_count",
    topic="losses",
    right="c",
    wrong={
        "a": (
            "zero-says-nothing",
            """A minute without a call says that the rate is lower than was thought. Put y = 0 into the loss,
            and differentiate.""",
        ),
        "b": (
            "by-rate-not-log",
            """That is the derivative by the rate itself. The model predicts its logarithm, so that the chain
            rule has one more factor.""",
        ),
        "d": (
            "sign-flipped",
            """Check the direction: a step against the derivative must make the rate smaller, since nothing was
            counted.""",
        ),
    },
)
