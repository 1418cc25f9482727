"""chosen_on_test(): what a test set is for."""

from autograder.judging import choice

exercise = choice(
    "chosen_on_test",
    topic="matching",
    right="b",
    wrong={
        "a": (
            "choosing-is-no-training",
            """Choosing among twenty is fitting, too, if only with one number. Would another test set have
            chosen the same λ?""",
        ),
        "c": (
            "size-makes-fair",
            """A larger test set makes the error smaller, but doesn't remove it: the least of twenty noisy
            numbers is too low on average.""",
        ),
        "d": (
            "training-loss-chooses",
            """The training loss always prefers the weakest prior, since it only rises with λ. A third set is
            needed.""",
        ),
    },
)
