"""positive_predictive_value(prevalence, sensitivity, specificity): P(ill | positive)."""

import numpy as np

from autograder.judging import Call, Check, Exercise, Misconceptions, tolerance_for
from autograder.solutions import bayes as right

mistake = Misconceptions()


def _tolerance(call, single):
    """No intermediate exceeds 1, and nothing cancels: 1 - specificity is exact from one half up, and
    P(positive) is a sum of positive terms.
    """
    return tolerance_for(1.0, single=single)


def _ordinary(rng):
    for low, high in ((1e-4, 1e-3), (0.01, 0.05), (0.1, 0.4), (0.6, 0.9)):
        yield Call((rng.uniform(low, high), rng.uniform(0.6, 0.95), rng.uniform(0.6, 0.95)))


def _certain(rng):
    """Tests that never fail, tests that never find anyone, and people who are all ill or all healthy."""
    inside = rng.uniform(0.1, 0.9, 8).tolist()
    yield Call((inside[0], inside[1], 1.0))
    yield Call((inside[2], 1.0, inside[3]))
    yield Call((inside[4], 1, 1))
    yield Call((inside[5], 0.0, inside[6]))
    yield Call((1.0, inside[7], inside[0]))
    yield Call((0.0, inside[1], inside[2]))
    yield Call((inside[3], inside[4], 0))
    yield Call((1, inside[5], 1.0))


def _rare(rng):
    """Few people are ill and fewer tests are false positives: P(positive) is a few 1e-11."""
    for _ in range(4):
        yield Call((rng.uniform(1e-11, 5e-11), rng.uniform(0.5, 1), 1 - rng.uniform(1e-11, 5e-11)))
    yield Call((1 - rng.uniform(1e-9, 5e-9), rng.uniform(1e-9, 5e-9), rng.uniform(0.1, 0.5)))


def _says_nothing(rng):
    for prevalence in rng.uniform(0.05, 0.95, 3).tolist():
        specificity = rng.uniform(0.1, 0.9)
        yield Call((prevalence, 1 - specificity, specificity))


def _told(ill, true_positive, false_positive):
    return ill * true_positive / (ill * true_positive + (1 - ill) * false_positive)


@mistake("base-rate-forgotten")
def _(prevalence, sensitivity, specificity):
    """The prevalence has no effect, as if half of all people were ill. Few false alarms among very many
    healthy people may outnumber the ill.
    """
    return sensitivity / (sensitivity + 1 - specificity)


@mistake("sensitivity-for-posterior")
def _(prevalence, sensitivity, specificity):
    """This is P(positive | ill). What is asked for is P(ill | positive): Bayes' rule turns one into the other."""
    return sensitivity


@mistake("evidence-missing")
def _(prevalence, sensitivity, specificity):
    """This is the share of all people who are ill *and* positive. Among which people is the share asked for?"""
    return sensitivity * prevalence


@mistake("evidence-for-posterior")
def _(prevalence, sensitivity, specificity):
    """This is P(positive), the share of all people whose test is positive. How many of these are ill?"""
    return sensitivity * prevalence + (1 - specificity) * (1 - prevalence)


@mistake("specificity-for-false-alarms")
def _(prevalence, sensitivity, specificity):
    """The specificity is P(negative | healthy). The false positives are the healthy people it leaves over."""
    return _told(prevalence, sensitivity, specificity)


@mistake("healthy-share-forgotten")
def _(prevalence, sensitivity, specificity):
    """The false alarms are counted as if everyone were healthy. Weigh them with the share that is."""
    return sensitivity * prevalence / (sensitivity * prevalence + 1 - specificity)


@mistake("misses-for-false-alarms")
def _(prevalence, sensitivity, specificity):
    """1 - sensitivity is the share of ill people that the test misses. The false alarms come from the healthy
    ones.
    """
    return _told(prevalence, sensitivity, 1 - sensitivity)


@mistake("sensitivity-and-specificity-swapped", slip=True)
def _(prevalence, sensitivity, specificity):
    """Sensitivity and specificity have changed places: which of the two is about ill people?"""
    return _told(prevalence, specificity, 1 - sensitivity)


@mistake("negative-predictive-value")
def _(prevalence, sensitivity, specificity):
    """This is P(healthy | negative), the negative predictive value."""
    return _told(1 - prevalence, specificity, 1 - sensitivity)


@mistake("ill-although-negative")
def _(prevalence, sensitivity, specificity):
    """This is P(ill | negative). Which rows of the table have a positive test?"""
    return _told(prevalence, 1 - sensitivity, specificity)


@mistake("false-discovery-rate")
def _(prevalence, sensitivity, specificity):
    """This is P(healthy | positive), the share of positive tests that are wrong."""
    return _told(1 - prevalence, 1 - specificity, sensitivity)


@mistake("accuracy")
def _(prevalence, sensitivity, specificity):
    """This is the accuracy, the share of all tests that are right. On a rare illness it is high even if most
    positive tests are wrong.
    """
    return sensitivity * prevalence + specificity * (1 - prevalence)


@mistake("odds-for-probability")
def _(prevalence, sensitivity, specificity):
    """These are the odds, ill to healthy, among the positive. A probability compares the ill with all of them."""
    return sensitivity * prevalence / ((1 - specificity) * (1 - prevalence))


@mistake("percent", slip=True)
def _(prevalence, sensitivity, specificity):
    """The result is in percent; a probability is asked for."""
    return 100 * right.positive_predictive_value(prevalence, sensitivity, specificity)


@mistake("odds-divided-by-zero")
def _(prevalence, sensitivity, specificity):
    """Odds and likelihood ratios divide by 1 - prevalence and by 1 - specificity, and either may be 0.
    P(positive) is not.
    """
    odds = prevalence / (1 - prevalence) * (sensitivity / (1 - specificity))
    return odds / (1 + odds)


@mistake("epsilon-in-denominator")
def _(prevalence, sensitivity, specificity):
    """A small constant is added to P(positive). Where positive tests are rare it swamps them; and P(positive)
    is never 0.
    """
    positive = sensitivity * prevalence + (1 - specificity) * (1 - prevalence)
    return sensitivity * prevalence / (positive + 1e-12)


@mistake("clipped")
def _(prevalence, sensitivity, specificity):
    """The prevalence is clipped to between 1e-6 and 1 - 1e-6. It may be smaller, and it may be 0 or 1."""
    return right.positive_predictive_value(np.clip(prevalence, 1e-6, 1 - 1e-6), sensitivity, specificity)


@mistake("rounded")
def _(prevalence, sensitivity, specificity):
    """The result is rounded to three digits. Print rounded, return exact."""
    return round(right.positive_predictive_value(prevalence, sensitivity, specificity), 3)


@mistake("float32-inside")
def _(prevalence, sensitivity, specificity):
    """The work is done in float32, which keeps 7 digits; float64 keeps 16."""
    # float64 again: otherwise every answer that is right to float32 is taken for this mistake
    return float(_told(np.float32(prevalence), np.float32(sensitivity), 1 - np.float32(specificity)))


exercise = Exercise(
    name="positive_predictive_value",
    topic="bayes",
    reference=right.positive_predictive_value,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    checks=(
        Check(
            "applies Bayes' rule to ordinary tests",
            example=Call((0.01, 0.99, 0.95)),
            inputs=_ordinary,
            hint="Of 10 000 people, how many are ill and positive, and how many healthy and positive?",
        ),
        Check(
            "holds where a probability is 0 or 1",
            example=Call((0.01, 0.9, 1.0)),
            inputs=_certain,
            weight=0.5,
            hint="P(positive) is never 0 here: nothing else should be divided by.",
        ),
        Check(
            "stays exact where positive tests are very rare",
            example=Call((1e-11, 0.9, 1 - 1e-11)),
            inputs=_rare,
            weight=0.5,
            hint="P(positive) is a sum of two small terms: add no constant, and subtract nothing large.",
        ),
        Check(
            "gives the prevalence back for a test that says nothing",
            example=Call((0.2, 0.3, 0.7)),
            inputs=_says_nothing,
            weight=0.5,
            hint="Such a test is positive for the ill and for the healthy alike.",
        ),
    ),
)
