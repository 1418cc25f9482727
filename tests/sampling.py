"""Cases that are alike: some of them in the fast set, the others among the slow tests."""

from __future__ import annotations

import pytest


def sampled(cases, every=4, slow=(), ident=str):
    """Return parameters for cases: every so many is in the fast set, unless it is in ``slow``."""
    return [
        pytest.param(
            case, id=ident(case), marks=[] if number % every == 0 and case not in slow else [pytest.mark.slow]
        )
        for number, case in enumerate(cases)
    ]
