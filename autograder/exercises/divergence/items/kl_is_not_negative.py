"""kl_is_not_negative(): the proof that no divergence is below zero, in order."""

from autograder.judging import ordered_proof

exercise = ordered_proof(
    "kl_is_not_negative",
    topic="divergence",
    needs={"C": "", "E": "C", "A": "E", "D": "", "F": "AD"},
    false={
        "B": (
            "every-term-positive",
            "Line B is false: where the model gives an outcome more than it has, the logarithm is negative.",
        ),
    },
)
