"""Whether the modules that a course lets submissions import are installed."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Iterable
from difflib import get_close_matches

from autograder.sandbox.policy import NEVER


def missing(modules: Iterable[str]) -> str:
    """Return a sentence about the first module that no submission could import; empty if there is none."""
    wanted = [name for name in modules if name.partition(".")[0] not in sys.stdlib_module_names]
    installed = importlib.metadata.packages_distributions() if wanted else {}
    for name in wanted:
        top = name.partition(".")[0]
        if top in NEVER:
            return f"“{name}” holds hidden tests and can't be allowed."
        if top not in installed:
            near = get_close_matches(top, installed, 1, cutoff=0.75)
            meant = (
                f"did you mean “{near[0]}”? Otherwise install it where you grade"
                if near
                else "install it where you grade"
            )
            return f"No module “{name}” is installed in {sys.prefix}; {meant}."
    return ""
