"""Cases that are alike: some of them in the fast set, some among the slow tests, and all in the long suites."""

from __future__ import annotations

import pytest


def sampled(cases, every=4, rest=1, slow=(), deep=(), ident=str):
    """Return parameters for cases.

    Parameters
    ----------
    cases
        They are alike: what breaks one probably breaks others.
    every
        Every so many is in the fast set; none is, if it is 0.
    rest
        Of the others every so many is slow, and the rest deep; no multiple of ``every``, or none would be slow.
    slow
        Cases that are never in the fast set.
    deep
        Cases that are always deep.
    ident
        What names a case.
    """

    def marks(number, case):
        if case in deep:
            return [pytest.mark.deep]
        if every and number % every == 0 and case not in slow:
            return []
        return [pytest.mark.slow if number % rest == 0 else pytest.mark.deep]

    return [pytest.param(case, id=ident(case), marks=marks(number, case)) for number, case in enumerate(cases)]
