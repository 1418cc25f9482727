"""What is checked of a notebook, and what is worth doing next."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.commands.precheck.causes import NOT_PARSED, Causes, Stopped
from autograder.commands.precheck.notebooks import Cells, Released, digest, grade_id, identify, read
from autograder.commands.precheck.running import CELL_SECONDS, Show, run

RUNS, NEXT = "it runs from top to bottom", "what to do next"
MAX_BYTES = 20 << 20
"""Bytes; the grader refuses a larger file."""
INTACT = ("locked", "check")
MOST_NAMED = 3
"""Cells that are named."""


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    name: str
    status: str
    """``pass``, ``fail``, or ``todo`` where there is nothing to judge yet."""
    message: str = ""
    judged: bool = True
    """False for a reminder: a person judges whether an answer is good."""


def examine(
    path: Path,
    released: Released,
    assignment: str | None = None,
    seconds: float = CELL_SECONDS,
    show: Show = lambda *_: None,
) -> Iterator[Finding]:
    """Yield the result of each check of a notebook, the cheap checks first."""
    try:
        book = read(path)
    except ValueError as error:
        yield Finding("it can be read as a notebook", "fail", str(error))
        return
    yield Finding("it can be read as a notebook", "pass")
    size = path.stat().st_size
    heavy = f"it has {size / 1e6:.0f} MB of {MAX_BYTES / 1e6:.0f}. Clear the outputs of all cells and save it."
    yield _verdict("it is small enough to be handed in", heavy if size > MAX_BYTES else "")
    try:
        key = identify(released, path.stem, set(map(grade_id, book.cells)), assignment)
    except ValueError as error:
        yield Finding("it is a notebook of this course, and the right one", "fail", str(error))
        return
    yield Finding(f"it is the notebook of “{key[1]}”", "pass")
    wanted = released[key[0]][key[1]]
    yield from _cells(book, wanted)
    spec = book.metadata.get("kernelspec", {})
    language = str(spec.get("language") or book.metadata.get("language_info", {}).get("name") or "python")
    other = "" if language.lower() == "python" else f"it is set to {language}. Choose a Python kernel."
    yield _verdict("its kernel is Python", other)
    found: list[Finding] = []
    ran = _running(book, wanted, path.parent, seconds, show)
    for finding in itertools.chain(ran, _answers(book, wanted)):
        found.append(finding)
        yield finding
    if advice := what_next(found, wanted, Causes(book, wanted).unwritten):
        yield Finding(NEXT, "todo", advice, judged=False)


def _verdict(name: str, fault: str) -> Finding:
    return Finding(name, "fail" if fault else "pass", fault)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def _cells(book: Any, wanted: Cells) -> Iterator[Finding]:
    """Compare a notebook's cells with those that were released."""
    cells = {grade_id(cell): cell for cell in book.cells}
    counts = Counter(map(grade_id, book.cells))
    missing = [name for name, *_ in wanted if name not in cells]
    doubled = [name for name, *_ in wanted if counts[name] > 1]
    faults = [f"missing: {_listed(missing)}. Copy them from the released notebook." if missing else ""]
    faults += [f"there more than once: {_listed(doubled)}. Delete the copies." if doubled else ""]
    yield _verdict("all cells of the assignment are there, once each", " ".join(filter(None, faults)))
    edited = [
        name
        for name, kind, role, whole in wanted
        if name in cells
        and (cells[name].cell_type != kind or (role in INTACT and digest(cells[name].source) != whole))
    ]
    advice = "Copy them from the released notebook; the grader uses their released text whatever stands in yours."
    yield _verdict(
        "locked cells are as they were released", f"edited: {_listed(edited)}. {advice}" if edited else ""
    )


def _answers(book: Any, wanted: Cells) -> Iterator[Finding]:
    """Yield a reminder for each answer that a person will read."""
    cells = {grade_id(cell): cell for cell in book.cells}
    for name, _, role, whole in wanted:
        if role == "answer" and name in cells:
            done = digest(cells[name].source) != whole
            status, message = ("pass", "") if done else ("todo", "not done yet; a person will read it.")
            yield Finding(f"the answer “{name}” is written", status, message, judged=False)


def _running(book: Any, wanted: Cells, folder: Path, seconds: float, show: Show) -> Iterator[Finding]:
    """Run a notebook; yield whether it runs to the end, and which of its visible checks pass."""
    stopped = run(book, folder, seconds, wanted, show)
    checks = [name for name, _, role, _ in wanted if role == "check"]
    own = {
        index: how
        for index, how in stopped.items()
        if how.text
        and not how.waits
        and how.cause is None
        and not (how.kind not in NOT_PARSED and how.kind and grade_id(book.cells[index]) in checks)
    }
    following = sum(
        how.cause is not None and grade_id(book.cells[index]) not in checks for index, how in stopped.items()
    )
    waiting = sum(how.waits for how in stopped.values())
    name = RUNS
    if own:
        said = [f"{_label(book, index)} {how.text}" for index, how in [*own.items()][:MOST_NAMED]]
        more = len(own) - len(said)
        said += [f"{more} more cells stopped."] if more else []
        said += [f"Cells that stopped because of it: {following}."] if following else []
        yield Finding(name, "fail", " ".join(said))
    elif waiting:
        yield Finding(name, "todo", f"{waiting} of its cells wait for functions that are not done yet.")
    elif following:
        yield Finding(name, "fail", f"{following} of its cells stop because of functions whose checks don't pass.")
    else:
        yield Finding(name, "pass")
    places = {grade_id(cell): index for index, cell in enumerate(book.cells)}
    for check in checks:
        if check in places:
            yield _judged(book, f"the check “{check}” passes", stopped.get(places[check]))


def _judged(book: Any, name: str, how: Stopped | None) -> Finding:
    if how is None:
        return Finding(name, "pass")
    if how.waits or not how.text:
        return Finding(name, "todo", "not done yet." if how.waits else "it was not run.")
    because = "" if how.cause is None else f" First mend {_label(book, how.cause)}."
    return Finding(name, "fail", f"it {how.text}{because}")


def _label(book: Any, index: int) -> str:
    cell = book.cells[index]
    first = next((line.strip() for line in cell.source.splitlines() if line.strip()), "")
    return f"the cell “{grade_id(cell) or first[:40]}” (number {index + 1})"


def what_next(findings: Sequence[Finding], wanted: Cells, unwritten: Iterable[str]) -> str:
    """Return a sentence on what is worth doing next; empty if nothing is left.

    The first part whose check fails comes first, then the first part that is not written, then an answer. Parts
    are counted by the functions to write. A function whose sealed cell has a visible check is a question.
    """
    status = {finding.name: finding.status for finding in findings}
    parts: list[tuple[str, list[str]]] = []
    for name, _, role, _ in wanted:
        if role == "solution":
            parts.append((name.removesuffix("-solution"), []))
        elif role == "check" and parts:
            parts[-1][1].append(f"the check “{name}” passes")
    left = set(unwritten)
    stopped = next((f.message for f in findings if f.name == RUNS and f.status == "fail"), "")
    if stopped.startswith("the cell") and "-solution”" not in stopped.partition(" stopped with")[0]:
        return "Next: mend the first cell that is named above."
    questions = {name for name, checks in parts if f"the check “{name}” passes" in checks}
    functions = [name for name, _ in parts if name not in questions]
    for name, checks in parts:
        if name not in left and any(status.get(check) == "fail" for check in checks):
            part = f"“{name}”" if name in questions else f"part {functions.index(name) + 1}, “{name}”"
            return f"Next: mend {part}; its check above says what is wrong."
    first = next((name for name, _ in parts if name in left), "")
    if first:
        done = f"{sum(name not in left for name, _ in parts)} of {len(parts)} parts are"
        if first in questions:
            return f"“{first}” is not answered yet; {done} done. Next: answer it."
        return f"Part {functions.index(first) + 1}, “{first}”, is not written yet; {done}. Next: write it."
    answer = next((f.name for f in findings if f.status == "todo" and not f.judged), "")
    return (
        f"Next: {answer.removesuffix(' is written').replace('the answer', 'write the answer')}." if answer else ""
    )
