"""The public call that a failed check shows, and the wrong answer to it."""

from __future__ import annotations

import re

from autograder.results import CheckResult

_SHOWN = re.compile(r"(?P<example>.+?) → (?P<answer>.+?)(?:, expected .*)?")
_RAISED = re.compile(r"(?P<example>.+?\)) raised (?P<kind>\w+).*")
_QUOTE = re.compile("['\"]")
RAISES, TEXT = "raises ", "a text"
"""How an answer begins that is an exception, and what is shown of one that holds words of a student's."""


def evidence_of(check: CheckResult) -> tuple[str, str] | None:
    """Return the public call and the wrong answer; None if the check has neither.

    Results of version 0.2 hold them in the first line of the message alone.
    """
    if isinstance(check.example, str) and isinstance(check.answer, str):
        return check.example, check.answer
    lines = (check.message or "").splitlines() if check.passed is False else []
    if lines and (shown := _SHOWN.fullmatch(lines[0])):
        return shown["example"], TEXT if _QUOTE.search(shown["answer"]) else shown["answer"]
    if lines and (raised := _RAISED.fullmatch(lines[0])):
        return raised["example"], f"{RAISES}{raised['kind']}"
    return None
