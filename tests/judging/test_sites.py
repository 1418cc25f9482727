"""The operations of a formula: each as it stands, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.judging.sites import guarded, plain


@pytest.mark.parametrize(
    ("operation", "operands", "value"),
    [
        ("Sub", (5, 2), 3),
        ("Div", (6, 3), 2),
        ("DivBy", (6, 3), 2),
        ("SumMult", (6, 3), 18),
        ("Pow", (2, 3), 8),
        ("GtE", (2, 2), True),
        ("Gt", (2, 2), False),
        ("LtE", (2, 2), True),
        ("Lt", (2, 2), False),
        ("USub", (2,), -2),
        ("variable", (2, 3, 4), 2),
        ("number", (2.5,), 2.5),
        ("max", (max, 2, 3), 3),
    ],
)
def test_an_operation_as_it_stands(operation, operands, value):
    assert plain(operation)(*operands) == value


def test_a_table_that_is_too_large_is_refused_of_an_operator_alone():
    row, column = np.broadcast_to(1.0, (1, 1 << 11)), np.broadcast_to(1.0, (1 << 11, 1))
    with pytest.raises(ValueError, match="a table where the formula has a row"):
        guarded("Add", lambda a, b: 0)(row, column)
    assert guarded("Add", lambda a, b: 0)(row, row) == 0
    assert guarded("sum", lambda a, b: 0)(row, column) == 0
