"""two_dice(): the variance of a doubled roll and of a sum of two."""

from autograder.judging import choice

exercise = choice(
    "two_dice",
    topic="bayes",
    right="c",
    wrong={
        "a": (
            "factor-not-squared",
            """A factor comes out of a variance squared: the deviations double, and they are squared. Equal
            means say nothing about it.""",
        ),
        "b": (
            "more-dice-more-spread",
            """Of two independent rolls one is often high while the other is low. What happens to their
            deviations in the sum?""",
        ),
        "d": (
            "sum-taken-for-double",
            """A doubled roll has one chance event in it, a sum of two has two. Variances of independent terms
            add.""",
        ),
    },
)
