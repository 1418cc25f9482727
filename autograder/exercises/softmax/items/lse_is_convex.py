"""lse_is_convex(): the proof that log-sum-exp is convex, in order."""

from autograder.judging import ordered_proof

exercise = ordered_proof(
    "lse_is_convex",
    topic="softmax",
    needs={"D": "", "B": "D", "F": "B", "G": "", "A": "FG", "E": "A"},
    false={
        "C": (
            "log-is-convex",
            """Line C is false: the logarithm bends downwards, it is concave. That LSE is convex all the same is
            what has to be shown.""",
        ),
    },
)
