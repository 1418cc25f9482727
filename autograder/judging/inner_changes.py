"""What may go wrong in one operation of a formula: each change with its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Any

import numpy as np

Function = Callable[..., Any]
Change = tuple[str, Function]
"""The kind of slip, and what gives the wrong value from the operation's operands."""

SIGN, PART, NUMBER, ONE = "sign-inside", "part-missing", "number-inside", "one-added-inside"
_OTHER: dict[str, tuple[Change, ...]] = {
    "exp": (
        ("exp-missing", lambda _, x: x),
        ("exp-base-inside", lambda _, x: np.exp2(x)),
        ("exp-base-inside", lambda _, x: 10.0**x),
        (SIGN, lambda f, x: f(-x)),
        (ONE, lambda _, x: np.expm1(x)),
    ),
    "expm1": (("exp-missing", lambda _, x: x), (PART, lambda _, x: np.exp(x))),
    "log": (
        ("log-missing", lambda _, x: x),
        ("log-base-inside", lambda _, x: np.log2(x)),
        ("log-base-inside", lambda _, x: np.log10(x)),
        (ONE, lambda _, x: np.log1p(x)),
    ),
    "log1p": (
        ("log-missing", lambda _, x: x),
        (PART, lambda _, x: np.log(x)),
        ("log-base-inside", lambda f, x: f(x) / np.log(2)),
        ("log-base-inside", lambda f, x: f(x) / np.log(10)),
    ),
    "sqrt": (("root-missing", lambda _, x: x),),
    "square": (("square-missing", lambda _, x: x),),
    "abs": (("function-missing", lambda _, x: x), ("square-for-absolute", lambda _, x: np.square(x))),
    "tanh": (("function-missing", lambda _, x: x),),
    "solve": (
        ("transpose-inside", lambda f, a, b: f(np.asarray(a).T, b)),
        ("inverse-missing", lambda _, a, b: a @ b),
    ),
    "inv": (("inverse-missing", lambda _, a: a),),
    "eye": (
        ("every-entry-inside", lambda f, *a: np.ones_like(f(*a))),
        ("first-left-out-inside", lambda f, *a: _without_first(f(*a))),
    ),
    "where": (("comparison-inside", lambda f, c, a, b: f(c, b, a)),),
    "std": (("n-minus-1-inside", lambda f, *a, **k: f(*a, **(k | {"ddof": 1}))),),
    "var": (("n-minus-1-inside", lambda f, *a, **k: f(*a, **(k | {"ddof": 1}))),),
    "len": (
        ("n-minus-1-inside", lambda _, x: len(x) - 1),
        ("one-more-or-less", lambda _, x: len(x) + 1),
    ),
    "sum": (
        ("mean-for-sum-inside", lambda _, *a, **k: np.mean(*a, **k)),
        ("product-for-sum", lambda _, *a, **k: np.prod(*a, **k)),
    ),
    "range": (
        ("loop-off-by-one", lambda _, n: range(n - 1)),
        ("loop-off-by-one", lambda _, n: range(n + 1)),
    ),
    "mean": (
        ("sum-for-mean-inside", lambda _, *a, **k: np.sum(*a, **k)),
        ("median-for-mean", lambda _, *a, **k: np.median(*a, **k)),
        ("n-minus-1-inside", lambda _, *a, **k: _less_one(*a, **k)),
    ),
    **{
        one: (("extreme-inside", lambda _, *a, other=other, **k: getattr(np, other)(*a, **k)),)
        for one, other in (("max", "min"), ("min", "max"), ("maximum", "minimum"), ("minimum", "maximum"))
    },
}
CALLS: MappingProxyType[str, tuple[Change, ...]] = MappingProxyType(_OTHER)
"""By the name of a function. The first operand of a change is the function itself."""
OPERATIONS: MappingProxyType[str, tuple[Change, ...]] = MappingProxyType(
    {
        "Add": (
            (SIGN, lambda a, b: a - b),
            (SIGN, lambda a, b: b - a),
            (PART, lambda a, _: a),
            (PART, lambda _, b: b),
            (NUMBER, lambda a, b: a + 2 * b),
            (NUMBER, lambda a, b: a + b / 2),
            (NUMBER, lambda a, b: 2 * a + b),
            (NUMBER, lambda a, b: a / 2 + b),
            ("product-for-sum", lambda a, b: a * b),
        ),
        "Sub": (
            (SIGN, lambda a, b: a + b),
            (SIGN, lambda a, b: b - a),
            (PART, lambda a, _: a),
            (PART, lambda _, b: -b),
            (PART, lambda _, b: b),
            (NUMBER, lambda a, b: a - 2 * b),
            (NUMBER, lambda a, b: a - b / 2),
            (NUMBER, lambda a, b: 2 * a - b),
            (NUMBER, lambda a, b: a / 2 - b),
        ),
        "Mult": (
            (PART, lambda a, _: a),
            (PART, lambda _, b: b),
            ("product-for-quotient", lambda a, b: a / b),
            ("sum-for-product", lambda a, b: a + b),
        ),
        "SumMult": (
            ("unweighted-inside", lambda a, b: b / np.size(a * b)),
            ("unweighted-inside", lambda a, b: a / np.size(a * b)),
            ("factor-squared", lambda a, b: a * a * b),
            ("factor-squared", lambda a, b: a * b * b),
        ),
        "Div": (
            (PART, lambda a, _: a),
            ("product-for-quotient", lambda a, b: a * b),
            ("wrong-power", lambda a, b: a / b**2),
            ("wrong-power", lambda a, b: (a / b) ** 2),
            ("quotient-inverted", lambda a, b: b / a),
        ),
        "DivBy": (
            ("n-minus-1-inside", lambda a, b: a / (_whole(b) - 1)),
            ("other-length-inside", lambda a, b: a / _other_length(a, b)),
        ),
        "Pow": (
            ("square-missing", lambda a, _: a),
            ("square-missing", lambda a, _: np.abs(a)),
            ("wrong-power", lambda a, b: a ** (b + 1)),
            ("wrong-power", lambda a, b: b**a),
            ("twice-for-square", lambda a, b: a * b),
        ),
        "MatMult": (
            ("elementwise-product", lambda a, b: a * b),
            ("mean-for-sum-inside", lambda a, b: a @ b / len(b)),
            ("transpose-inside", lambda a, b: np.asarray(a).T @ b),
            ("transpose-inside", lambda a, b: a @ np.asarray(b).T),
        ),
        "USub": ((SIGN, lambda a: a),),
        "AugAssign": ((SIGN, lambda a: -a), (PART, lambda _: 0.0)),
        "AugScale": (("product-for-quotient", lambda a: 1 / a), (PART, lambda _: 1.0)),
        "Eq": (("comparison-inside", lambda a, b: a != b),),
        "NotEq": (("comparison-inside", lambda a, b: a == b),),
        "call": (("arguments-swapped-inside", lambda f, a, b, *more, **k: f(b, a, *more, **k)),),
        "T": (("transpose-inside", lambda a: np.asarray(a).T),),
        "Gt": (("comparison-inside", lambda a, b: a < b),),
        "Lt": (("comparison-inside", lambda a, b: a > b),),
        "GtE": (("comparison-inside", lambda a, b: a <= b),),
        "LtE": (("comparison-inside", lambda a, b: a >= b),),
    }
)
"""By the operator."""
GUARDS: MappingProxyType[str, tuple[tuple[str, str, Function], ...]] = MappingProxyType(
    {
        "log": (
            ("epsilon-in-log", "is added inside a logarithm", lambda eps, f, x: f(x + eps)),
            ("epsilon-in-log", "stands for less inside a logarithm", lambda eps, f, x: f(np.maximum(x, eps))),
        ),
        "exp": (("epsilon-added", "is added to an exponential", lambda eps, f, x: f(x) + eps),),
        "sqrt": (("epsilon-in-root", "is added under a square root", lambda eps, f, x: f(x + eps)),),
        "Div": (
            ("epsilon-in-denominator", "is added to what divides", lambda eps, a, b: a / (b + eps)),
            (
                "epsilon-in-denominator",
                "stands for less in what divides",
                lambda eps, a, b: a / np.maximum(b, eps),
            ),
        ),
    }
)
"""Where a small constant is often added: name, place in words, and the operation with it."""


SPECIAL = MappingProxyType({"DivBy": "Div", "SumMult": "Mult"})
"""Operations of a kind, and the one that they are a kind of."""


def guards_of(operation: str) -> tuple[tuple[str, str, Function], ...]:
    """Return where a small constant is often added in an operation."""
    return GUARDS.get(SPECIAL.get(operation, operation), ())


def changes_of(operation: str, keywords: tuple[str, ...] = ()) -> Iterator[Change]:
    """Yield the changes of an operation: of an operator, a function or a ``number``."""
    if operation in SPECIAL:
        yield from OPERATIONS[SPECIAL[operation]]
    yield from OPERATIONS.get(operation, ()) or CALLS.get(operation, ())
    if operation == "number":
        yield NUMBER, lambda value: 2 * value
        yield NUMBER, lambda value: value / 2
    elif operation == "variable":
        yield from (("variable-inside", lambda *names, place=place: names[place]) for place in range(1, 4))
        yield "float32-in-one-place", lambda value, *_: np.asarray(value).astype(np.float32)
    elif operation == "count":
        yield "one-more-or-less", lambda value: value + 1
        yield "one-more-or-less", lambda value: value - 1
    if "keepdims" in keywords:
        yield "axis-lost-inside", lambda f, *a, **k: f(*a, **(k | {"keepdims": False}))
    if "axis" in keywords:
        for other in (None, 0, 1, -1):
            yield "axis-inside", lambda f, *a, other=other, **k: f(*a, **(k | {"axis": other}))


def _without_first(identity: Any) -> Any:
    """Return a unit matrix with 0 for its first entry."""
    identity[0, 0] = 0
    return identity


def _whole(number: Any) -> Any:
    """Return a whole number, such as how many rows there are; anything else is none that 1 is taken from."""
    if not isinstance(number, int):
        raise TypeError(number)
    return number


def _other_length(array: Any, number: Any) -> int:
    """Return the other length of a table of which one is given."""
    (other,) = {*np.shape(array)} - {_whole(number)}
    return int(other)


def _less_one(values: Any, axis: int | None = None, **_: Any) -> Any:
    """Return the sum over n - 1."""
    array = np.asarray(values)
    size = array.size if axis is None else array.shape[axis]
    return np.sum(array, axis=axis) / (size - 1) if size > 1 else np.sum(array, axis=axis) * np.nan
