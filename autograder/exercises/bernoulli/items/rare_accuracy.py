"""rare_accuracy(): what accuracy says about a rare class."""

from autograder.judging import choice

exercise = choice(
    "rare_accuracy",
    topic="bernoulli",
    right="d",
    wrong={
        "a": (
            "accuracy-decides",
            "A gets its 99 % by never looking. How many of the frauds does it find?",
        ),
        "b": (
            "recall-taken-for-precision",
            """Nine frauds of ten are found; that is the recall. Count the alarms: how many of the 3 % that are
            wrong are among them?""",
        ),
        "c": (
            "balanced-test",
            """A balanced test set is another world, where every second example is a fraud. In it false alarms
            count a hundredth of what they do here.""",
        ),
    },
)
