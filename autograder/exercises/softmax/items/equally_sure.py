"""equally_sure(): which logits make the same probabilities."""

from autograder.judging import choice

exercise = choice(
    "equally_sure",
    topic="softmax",
    right="b",
    wrong={
        "a": (
            "ratio-of-logits",
            """Softmax takes no ratio of logits, and a logit of 0 is not a probability of 0. The odds of two
            classes are exp of a difference.""",
        ),
        "c": (
            "largest-logit-alone",
            "The largest logit alone says nothing. Ask how far behind it the other one is.",
        ),
        "d": (
            "order-alone",
            "The order says which class wins, not how clearly. Write down the odds of the two classes for each.",
        ),
    },
)
