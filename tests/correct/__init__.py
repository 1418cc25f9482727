"""Right answers, written in as many ways as students find: each must get full marks.

A module a topic. Of each function there are five at least, named ``<function>_by_…``, ``…_in_…`` or ``…_on_…``,
and ``exact_<function>``: the truth itself, computed by mpmath at 50 and again at 100 digits and rounded once.
``ROUNDED`` holds a call of each function whose true value is so small beside an intermediate that rounding alone
costs more than 1e-9 of it; it must be forgiven.
"""

from __future__ import annotations

import importlib
import re

import mpmath


def implementations(topic, exercise):
    """Every right answer for one exercise."""
    name = re.compile(rf"{exercise}_(by|in|on)_.*|exact_{exercise}")
    found = vars(importlib.import_module(f"{__name__}.{topic}"))
    return [function for known, function in found.items() if name.fullmatch(known)]


def rounded(topic):
    """A call of each function of a topic on which rounding has to be forgiven."""
    return importlib.import_module(f"{__name__}.{topic}").ROUNDED


def exactly(formula, *numbers):
    """The formula's value on numbers taken as exact, once 50 and 100 digits agree on it to 1e-30."""
    found = []
    for digits in (50, 100):
        with mpmath.workdps(digits):
            found.append(formula(*[mpmath.mpf(float(number)) for number in numbers]))
    with mpmath.workdps(100):
        assert found[0] == found[1] or abs(found[0] - found[1]) <= 1e-30 * max(1, abs(found[1]))
    return float(found[1])
