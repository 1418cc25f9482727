"""which_temperature(): what one temperature can mend."""

from autograder.judging import choice

exercise = choice(
    "which_temperature",
    topic="matching",
    right="d",
    wrong={
        "a": (
            "temperature-the-wrong-way",
            "Dividing by a number below 1 makes the logits larger. Is the model to become surer or less sure?",
        ),
        "b": (
            "temperature-costs-accuracy",
            "The direction is right. But which class is first, once all logits are divided by the same number?",
        ),
        "c": (
            "calibration-needs-training",
            """What a model claims can be matched to what it achieves by rescaling its logits, and its weights
            stay as they are.""",
        ),
    },
)
