"""impossible_in_model(): a model that rules out what happens."""

from autograder.judging import choice

exercise = choice(
    "impossible_in_model",
    topic="divergence",
    right="c",
    wrong={
        "a": (
            "zeros-mixed-up",
            """That is the other kind of zero. Here the outcome happens, and it is the model that has ruled it
            out.""",
        ),
        "b": (
            "surprise-forgotten",
            "The weight is small, but what does it multiply? Work out the surprise of the model when it snows.",
        ),
        "d": (
            "divergence-below-zero",
            "Single terms may be negative; a divergence never is. Look at the term of the snow by itself.",
        ),
    },
)
