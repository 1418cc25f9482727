"""within_k_sigma(k): the probability of lying within k standard deviations of the mean."""

import math

import numpy as np

from autograder.judging import Call, Check, Exercise, Misconceptions, tolerance_for
from autograder.solutions import gaussian as right

mistake = Misconceptions()


def _tolerance(call, single):
    """Erf makes a rounding of k / √2 smaller, and nothing is subtracted: every digit counts, however narrow the
    band.
    """
    return tolerance_for(0.0, single=single)


def _ordinary(rng):
    for low, high in ((0.2, 0.8), (0.9, 1.4), (1.6, 2.4), (2.6, 3.4)):
        yield Call((float(rng.uniform(low, high)),))


def _narrow(rng):
    for size in (1e-2, 1e-4, 1e-8, 1e-12):
        yield Call((size * float(rng.uniform(1, 5)),))


def _wide(rng):
    for low, high in ((4.5, 5.5), (5.5, 6.5), (8, 12), (36, 40), (1e3, 1e4)):
        yield Call((float(rng.uniform(low, high)),))


def _whole(rng):
    yield Call((0,))
    yield Call((0.0,))
    for _ in range(3):
        yield Call((int(rng.integers(1, 4)),))


def _phi(x):
    return 0.5 * math.erfc(-x / math.sqrt(2))


def _density(x):
    return np.exp(-0.5 * np.square(x)) / np.sqrt(2 * np.pi)


@mistake("one-sided")
def _(k):
    """This is the probability of lying below mu + k sigma. How much of it lies below mu - k sigma?"""
    return _phi(k)


@mistake("outside-not-within")
def _(k):
    """This is the probability of lying *farther* than k sigma from the mean."""
    return math.erfc(k / math.sqrt(2))


@mistake("half-the-band")
def _(k):
    """This is the probability of lying between mu and mu + k sigma; the band has another half."""
    return _phi(k) - 0.5


@mistake("minus-1-forgotten")
def _(k):
    """This exceeds 1, as no probability does: twice the area below mu + k sigma counts some of it twice over."""
    return 2 * _phi(k)


@mistake("erf-without-root-2", slip=True)
def _(k):
    """The Gaussian behind erf has the variance ½: its argument is k in another unit."""
    return math.erf(k)


@mistake("root-2-multiplied", slip=True)
def _(k):
    """The argument of erf is multiplied by √2. Is the Gaussian behind erf wider than the standard one?"""
    return math.erf(k * math.sqrt(2))


@mistake("divided-by-2", slip=True)
def _(k):
    """The argument of erf is divided by 2. In the exponent stands k²/2: what is it the square of?"""
    return math.erf(k / 2)


@mistake("density-for-probability")
def _(k):
    """This is the height of the bell at k; the probability is the area under it from -k to k."""
    return _density(k)


@mistake("chebyshev-bound")
def _(k):
    """1 - 1/k² is Chebyshev's bound, which holds for every distribution; of the Gaussian more is known."""
    return 1 - 1 / k**2


@mistake("rule-of-thumb")
def _(k):
    """This reads 0, 68.27, 95.45 and 99.73 % off the rule of thumb and draws straight lines in between. The
    function is wanted for any k, and with all its digits.
    """
    return np.interp(k, [0, 1, 2, 3], [0, 0.6827, 0.9545, 0.9973])


@mistake("tanh-approximation")
def _(k):
    """This is the approximation by tanh that GELU uses, good to three digits. The standard library has the
    function itself.
    """
    return math.tanh(math.sqrt(2 / math.pi) * (k + 0.044715 * k**3))


@mistake("polynomial-approximation")
def _(k):
    """This approximation of erf from a table of formulas is good to seven digits. The standard library has erf
    itself, to all sixteen.
    """
    z = k / math.sqrt(2)
    t = 1 / (1 + 0.3275911 * z)
    powers = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
    return 1 - sum(a * t ** (i + 1) for i, a in enumerate(powers)) * math.exp(-z * z)


@mistake("integrated-on-a-grid")
def _(k):
    """The area is summed up from a thousand trapezia, good to six digits. The standard library has the integral
    itself.
    """
    height = _density(np.linspace(-k, k, 1001))
    return (np.sum(height) - 0.5 * (height[0] + height[-1])) * 2 * k / 1000


@mistake("rounded")
def _(k):
    """The probability is rounded to four digits. Print rounded, return exact."""
    return round(right.within_k_sigma(k), 4)


@mistake("percent", slip=True)
def _(k):
    """This is in percent; a probability lies between 0 and 1."""
    return 100 * right.within_k_sigma(k)


@mistake("one-minus-tail")
def _(k):
    """One minus the tails: in a narrow band next to nothing is left of the digits, as the two are nearly equal.
    Erf gives the band itself.
    """
    return 1 - math.erfc(k / math.sqrt(2))


@mistake("twice-phi-minus-1")
def _(k):
    """2 Φ(k) - 1 subtracts two nearly equal numbers where the band is narrow: its digits are gone. Erf gives the
    band itself.
    """
    return 2 * (0.5 * (1 + math.erf(k / math.sqrt(2)))) - 1


@mistake("series-cut-short")
def _(k):
    """A power series cut after a fixed number of terms is good near 0 and useless for a wide band, where its terms
    grow before they shrink.
    """
    z = k / math.sqrt(2)
    return (
        2
        / math.sqrt(math.pi)
        * sum((-1.0) ** i * z ** (2 * i + 1) / (math.factorial(i) * (2 * i + 1)) for i in range(40))
    )


@mistake("clipped")
def _(k):
    """The probability is kept away from 0 and 1. Both are right here: nothing takes a logarithm of them."""
    return min(max(right.within_k_sigma(k), 1e-7), 1 - 1e-7)


exercise = Exercise(
    name="within_k_sigma",
    topic="gaussian",
    reference=right.within_k_sigma,
    tolerance=_tolerance,
    misconceptions=tuple(mistake),
    checks=(
        Check(
            "matches the area under the bell from -k to k",
            example=Call((1.0,)),
            inputs=_ordinary,
            hint="About 68 % lie within one sigma, 95 % within two. Both sides of the mean count.",
        ),
        Check(
            "approaches one for wide bands",
            example=Call((10.0,)),
            inputs=_wide,
            weight=0.75,
            hint="Next to nothing lies beyond: the result is 1 to all digits from about 8.3 sigma on.",
        ),
        Check(
            "approaches zero for narrow bands",
            example=Call((1e-9,)),
            inputs=_narrow,
            weight=0.5,
            hint="A narrow band holds its width times the height of the bell, about 0.8 k.",
        ),
        Check(
            "takes whole numbers and zero",
            example=Call((2,)),
            inputs=_whole,
            weight=0.5,
            hint="k may be a Python int, and no width at all holds no probability.",
        ),
    ),
)
