"""who_pulls(): which example pulls at its logit."""

from autograder.judging import choice

exercise = choice(
    "who_pulls",
    topic="bernoulli",
    right="b",
    wrong={
        "a": (
            "distance-alone-counts",
            """The distance from the boundary is the same, but one of the two lies on the wrong side. The
            gradient is prediction minus truth.""",
        ),
        "c": (
            "gradient-grows-with-logit",
            """The direction is right, the size isn't: prediction minus truth is a difference of two numbers
            between 0 and 1.""",
        ),
        "d": (
            "right-answers-pull",
            "Where prediction and truth agree, nothing is left to pull. Put both logits into σ(z) - y.",
        ),
    },
)
