"""first_loss(): what a first loss above log K says."""

from autograder.judging import choice

exercise = choice(
    "first_loss",
    topic="softmax",
    right="c",
    wrong={
        "a": (
            "any-first-loss-will-do",
            "Knowing nothing has a price of its own: one share for every class. Compare the loss with that.",
        ),
        "b": (
            "leak-in-first-loss",
            "Random weights can't use a leak: it shows in what follows. And it makes a loss small.",
        ),
        "d": (
            "bits-for-nats",
            "In bits all losses are 1.44 times as large. Is this one as much too large, or more?",
        ),
    },
)
