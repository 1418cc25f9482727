"""Numbers in the prose of bayes."""

from fractions import Fraction
from math import comb, log, sqrt


def ppv(prevalence, sensitivity, specificity):
    found, false = prevalence * sensitivity, (1 - prevalence) * (1 - specificity)
    return found / (found + false)


def ways(dice, total):
    """In how many ways so many dice show a total, by inclusion and exclusion."""
    return sum(
        (-1) ** k * comb(dice, k) * comb(total - 6 * k - 1, dice - 1) for k in range((total - dice) // 6 + 1)
    )


PRIOR, FREE = log(0.1 / 0.9), log(0.8 / 0.01)
ALL = PRIOR + FREE + log(0.2 / 0.3) + log(0.6 / 0.05)

COMPUTED = {
    "3.5": sum(range(1, 7)) / 6,
    "2.5": 6 - 3.5,
    "1.5": 5 - 3.5,
    "4.5": sum(range(1, 6)) / 10 + 6 / 2,
    "17.5": 2 * (2.5**2 + 1.5**2 + 0.5**2),
    "2.9167": Fraction(35, 12),
    "15.1667": Fraction(91, 6),
    "12.25": 3.5**2,
    "1.7078": sqrt(35 / 12),
    "11.67": 4 * 35 / 12,
    "0.0278": 1 / 36,
    "9.2": (2**63 - 1) / 1e18,
    "0.4": 2 * (0.3 - 0.1),
    "0.08": 0.1 * 0.8,
    "0.009": 0.9 * 0.01,
    "0.089": 0.1 * 0.8 + 0.9 * 0.01,
    "0.8989": 0.08 / 0.089,
    "0.90": 0.08 / 0.089,
    "0.1011": 0.009 / 0.089,
    "0.40": 0.5 * 0.8,
    "0.405": 0.5 * 0.8 + 0.5 * 0.01,
    "0.9877": 0.8 / 0.81,
    "2.1972": PRIOR,
    "2.20": PRIOR,
    "4.3820": FREE,
    "2.1848": PRIOR + FREE,
    "0.4055": log(0.2 / 0.3),
    "2.4849": log(0.6 / 0.05),
    "4.2642": ALL,
    "0.9861": 1 / (1 + 2.718281828459045**-ALL),
    "0.3077": Fraction(4, 13),
    "0.69": log(2),
    "0.083": ppv(0.01, 0.9, 0.9),
    "16.7": 100 * ppv(0.01, 0.99, 0.95),
    "0.1667": ppv(0.01, 0.99, 0.95),
    "0.167": ppv(0.01, 0.99, 0.95),
    "0.500": ppv(0.01, 0.99, 0.99),
    "0.7984": ppv(1 / 6, 0.99, 0.95),
    "0.6875": ppv(0.1, 0.99, 0.95),
    "0.9091": ppv(0.01, 0.99, 0.999),
    "0.1538": ppv(0.01, 0.9, 0.95),
    "0.9504": 0.01 * 0.99 + 0.99 * 0.95,
    "0.99": 1 - 0.01,
    "0.0727": ways(10, 35) / 6**10,
    "41.62": PRIOR + 10 * FREE,
    "0.7": 210 / 300,
    "0.6987": 211 / 302,
    "0.0013": 210 / 300 - 211 / 302,
    "0.001": 210 / 300 - 211 / 302,
}
GIVEN = "0.01 0.05 0.1 0.2 0.3 0.5 0.6 0.8 0.9 6.5 0.0001 99.9"
MEASURED = ""
SEEN = ""
