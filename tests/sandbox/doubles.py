"""The module ``os`` as one module of ours sees it, with some calls that are noted and not made."""

from __future__ import annotations

import os


class System:
    """Everything that ``os`` has, but for what is given instead."""

    def __init__(self, **instead):
        vars(self).update(instead)

    def __getattr__(self, name):
        return getattr(os, name)


def noting(said, **answers):
    """A system whose calls of these names are noted, each with what it is given, and answer as told."""
    return System(**{name: _noting(said, name, answer) for name, answer in answers.items()})


def _noting(said, name, answer):
    def call(*given):
        said.append((name, *given))
        return answer

    return call
