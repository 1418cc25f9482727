"""two_clusters(): where maximum likelihood puts one Gaussian."""

from autograder.judging import choice

exercise = choice(
    "two_clusters",
    topic="divergence",
    right="a",
    wrong={
        "b": (
            "larger-mode-wins",
            """Then a third of the data would be all but impossible, and the likelihood a product with those
            factors in it.""",
        ),
        "c": (
            "likelihood-taken-for-mode-seeking",
            """That is what the other direction of the divergence does. Which of the two does maximum
            likelihood minimise?""",
        ),
        "d": (
            "mean-alone-matched",
            """Maximum likelihood fits the spread as well. What would a narrow bell there say to the data,
            which are all far from it?""",
        ),
    },
)
