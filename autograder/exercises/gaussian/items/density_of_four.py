"""density_of_four(): what a density above 1 says."""

from autograder.judging import choice

exercise = choice(
    "density_of_four",
    topic="gaussian",
    right="b",
    wrong={
        "a": (
            "density-taken-for-probability",
            "A density is no probability: it may be as large as it likes. Which quantity must stay below 1?",
        ),
        "c": (
            "height-taken-for-odds",
            """The ratio of two densities is not the height of one of them. And a single point is never hit:
            think of small intervals.""",
        ),
        "d": (
            "height-taken-for-area",
            """The curve is high because it is narrow. What is the area of something four units high and a
            quarter wide?""",
        ),
    },
)
