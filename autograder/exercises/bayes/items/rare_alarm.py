"""rare_alarm(): what an alarm says about something rare."""

from autograder.judging import choice

exercise = choice(
    "rare_alarm",
    topic="bayes",
    right="a",
    wrong={
        "b": (
            "base-rate-of-one-per-cent",
            """That would hold at a base rate of 1 %. Here it is another one: count a hundred thousand
            transactions.""",
        ),
        "c": (
            "likelihood-for-posterior",
            """That is how often the alarm rings if there is a fraud. Asked is how often there is a fraud if it
            rings.""",
        ),
        "d": (
            "evidence-ignored",
            """That is the probability before the alarm. It has rung: how much likelier is that with a fraud
            than without?""",
        ),
    },
)
