"""Formulas that are right on paper and wrong in floating point: each must lose a mark for every student.

A module a topic; a function is called ``<function>_by_…``, ``…_with_…`` or ``…_without_…``. ``KEPT`` names those
that keep their marks, each with the reason: the contract forgives their error, or they are right.
"""

from __future__ import annotations

import importlib
import re
from types import FunctionType


def implementations(topic, exercise):
    """Every hazardous formula for one exercise, with the reason why it may keep its marks, if it may."""
    module = importlib.import_module(f"{__name__}.{topic}")
    name = re.compile(rf"{exercise}_(by|with|without)_.*")
    found = {known: value for known, value in vars(module).items() if isinstance(value, FunctionType)}
    return [(function, module.KEPT.get(known)) for known, function in found.items() if name.fullmatch(known)]
