"""best_constant(): which constant minimises which loss."""

from autograder.judging import choice

exercise = choice(
    "best_constant",
    topic="losses",
    right="a",
    wrong={
        "b": (
            "median-and-mean-swapped",
            "The two are swapped. Which loss lets one far point pull with its distance?",
        ),
        "c": (
            "mean-for-both",
            """That is the mean for both. Move the prediction a little towards 0 and count for how many points
            the absolute error falls.""",
        ),
        "d": (
            "midrange",
            """Halfway between the extremes is best for the *largest* error. For the mean of the errors each
            point counts: four lie on one side.""",
        ),
    },
)
