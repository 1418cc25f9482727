"""Results as HTML: the panel of one graded cell."""

from __future__ import annotations

import re
from html import escape

from autograder.reports.picture import curve_as_html
from autograder.reports.text import MARKS, marks, not_run, printable
from autograder.results import CellResult, CheckResult

RUN_AGAIN = "restart the kernel, run your notebook from top to bottom, and mend the first error."
STUB = "NotImplementedError"
ENDLESS = "did not end within"
CODE = re.compile(r"`([^`\n]+)`")
CALL = re.compile(r"\w+\(")
"""How evidence begins that shows a call; other evidence is a sentence."""


def shown(text: str) -> str:
    """Return a text as HTML that shows it unchanged."""
    return escape("\n".join(printable(line) for line in text.splitlines()))


def said(sentence: str) -> str:
    """Return a sentence as HTML, with what stands between backticks as code."""
    return CODE.sub(r"<code>\1</code>", shown(sentence))


def cell_as_html(cell: CellResult) -> str:
    """Return the panel of one graded cell: what lost marks first, then what to do next, and the rest folded.

    The panel uses only tags and attributes that the sanitiser keeps. No information is in colour alone.
    """
    if cell.message:
        return f"<div><p>{said(cell.message)}</p>{_next(cell)}</div>"
    lost = [check for check in cell.checks if check.passed is False or not (check.passed or check.message)]
    passed = [check for check in cell.checks if check.passed]
    parts = [f"<ul>{''.join(map(_item, _alike(lost)))}</ul>"] if lost else []
    parts += [f"<p>{MARKS[None]} {said(line)}</p>" for line in not_run(cell.checks)]
    parts += [curve_as_html(cell.curve)] if cell.curve else []
    parts.append(_next(cell))
    if passed:
        word = "check" if len(passed) == 1 else "checks"
        head = f"<summary>{MARKS[True]} {len(passed)} {word} passed</summary>"
        parts.append(f"<details>{head}<ul>{''.join(map(_item, _alike(passed)))}</ul></details>")
    return f"<div>{''.join(parts)}</div>"


def _alike(checks: list[CheckResult]) -> list[list[CheckResult]]:
    """Return checks with those together of which the same is said, such as what part of the marks is given."""
    together: dict[object, list[CheckResult]] = {}
    for check in checks:
        together.setdefault((check.passed, check.message or check.name), []).append(check)
    return list(together.values())


def _item(checks: list[CheckResult]) -> str:
    check = checks[0]
    message = (check.message or "").splitlines()
    evidence, hints = (message[0], message[1:]) if message and check.passed is False else ("", message)
    text = f"<code>{shown(evidence)}</code>" if CALL.match(evidence) else said(evidence)
    body = f"<br>{text}" if text else ""
    body += "".join(f"<br>{said(line)}" for line in hints)
    names = (f"<strong>{shown(entry.name)}</strong> ({marks(entry.score, entry.max_score)})" for entry in checks)
    return f"<li>{MARKS[check.passed]} {', '.join(names)}{body}</li>"


def _next(cell: CellResult) -> str:
    """Return a sentence on what to do next, if a sealed cell lost marks and its message doesn't say it."""
    if cell.mode != "sealed" or cell.score is None or cell.score >= cell.max_score:
        return ""
    failed = [check for check in cell.checks if check.passed is False]
    if cell.message or not failed:
        return _advice(RUN_AGAIN)
    evidence = (failed[0].message or "").partition("\n")[0]
    if STUB in (failed[0].message or ""):
        return ""
    kind = "this kind" if len(failed) == 1 else f"the first kind, “{shown(failed[0].name)}”"
    name = cell.exercise or cell.grade_id
    if evidence.startswith(f"{name}() → "):
        return _advice("read the question again, and think about what is said above before you answer anew.")
    mend = "interrupt it, and look at the line where it was" if ENDLESS in evidence else "and mend what differs"
    return _advice(
        f"call {shown(name)} in your notebook with an input of {kind}, {mend}. Then run the visible tests again."
    )


def _advice(text: str) -> str:
    return f"<p><strong>Next:</strong> {text}</p>"
