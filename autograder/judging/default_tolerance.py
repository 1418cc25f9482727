"""The tolerance of an exercise that names none: derived from dtype, size and number of the arguments."""

from __future__ import annotations

import numpy as np

from autograder.judging.calls import Call, Callback
from autograder.judging.compare import Tolerance, tolerance_for
from autograder.judging.numbers import flat

LARGEST_EXPONENT = 745.0
"""Beyond it, float64's exp is 0 or inf, whatever rounding did."""


def default_tolerance(call: Call, single: bool) -> Tolerance:
    """Return the tolerance of a formula that sums as many terms as there are arguments, none larger than these.

    Its largest intermediate is taken for the largest finite number in the arguments (1 at least) times the number
    of elements of the largest argument. An exponent is as large as that number at most.
    """
    rows = [flat(value) for value in call.values() if not isinstance(value, Callback | str)]
    sizes = [float(np.max(np.abs(row[np.isfinite(row)]), initial=1.0)) for row in rows]
    largest, count = max(sizes, default=1.0), max((row.size for row in rows), default=1)
    return tolerance_for(largest * max(count, 1), single=single, conditioned=min(largest, LARGEST_EXPONENT))
