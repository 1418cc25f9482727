"""Check a notebook before it is handed in: ``python precheck.py softmax.ipynb``.

The script says whether this is the right notebook, whether its locked cells are as they were released, whether it
runs from top to bottom and which of its visible checks pass. It holds no hidden test and gives no marks.

It needs nbformat, nbclient and ipykernel, which come with JupyterLab, and what the notebook itself imports. This
file imports nothing of the project. ``autograder release`` copies it beside the released assignments and fills in
their cells.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import io
import json
import logging
import re
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Cells = list[tuple[str, str, str, str]]
"""The released cells of a notebook: ``grade_id``, type, role and digest of each."""
Released = dict[str, dict[str, Cells]]
"""Assignment → notebook → its cells."""
RELEASED: Released = {}
"""``autograder release`` fills this in."""

IN_ORDER, NOT_IN_ORDER, WRONG_USE = 0, 1, 2
MARKS = {"pass": "✓", "fail": "✗", "todo": "·"}
MAX_BYTES = 20 << 20
"""Bytes; the grader refuses a larger file."""
CELL_SECONDS, ALL_SECONDS = 30.0, 180.0
"""The grader's time limits for a cell and for a whole notebook, in seconds."""
INTACT = ("locked", "check")


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    name: str
    status: str
    """``pass``, ``fail``, or ``todo`` where there is nothing to judge yet."""
    message: str = ""
    judged: bool = True
    """False for a reminder: a person judges whether an answer is good."""


@dataclass(frozen=True)
class Stopped:
    """How a cell failed."""

    kind: str
    """The exception's name; empty if there was no exception."""
    text: str
    waits: bool = False
    """Whether the cell only needs a function that is not written yet."""


class CannotRunError(RuntimeError):
    """This machine can't run notebooks; the message says what to install."""


# --- reading a notebook ----------------------------------------------------------------------------------


def digest(source: str) -> str:
    """Return a digest of a cell's text; blanks at the ends of lines don't change it."""
    lines = [line.rstrip() for line in source.strip().splitlines()]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def grade_id(cell: Any) -> str:
    """Return a cell's nbgrader ``grade_id``, or an empty string."""
    meta = cell["metadata"].get("nbgrader")
    name = meta.get("grade_id") if isinstance(meta, dict) else None
    return name if isinstance(name, str) else ""


def read(path: Path) -> Any:
    """Read a notebook of any version.

    Raises
    ------
    ValueError
        If the file is no notebook; the message says why.
    """
    import nbformat  # noqa: PLC0415

    try:
        text = path.read_bytes().decode("utf-8-sig")
        json.loads(text)
    except OSError as error:
        raise ValueError(f"it can't be opened: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ValueError("it is not text.") from None
    except ValueError:
        raise ValueError("it is empty, cut off or damaged. Save it again in JupyterLab.") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nbformat gives an id to cells without one
            return nbformat.reads(text, as_version=4)
    except Exception:  # noqa: BLE001  # nbformat fails in many ways on a malformed notebook
        raise ValueError("it is JSON, but not a notebook: it has no proper cells.") from None


def identify(released: Released, stem: str, theirs: set[str], assignment: str | None) -> tuple[str, str]:
    """Return the assignment and the notebook that a file belongs to, judged by its name and its cells.

    Raises
    ------
    ValueError
        If it belongs to none of them, or to another one than its name says; the message says which.
    """
    shared = {
        (name, book): len(theirs & {cell[0] for cell in cells})
        for name, books in released.items()
        for book, cells in books.items()
    }
    wanted = [key for key in shared if (assignment == key[0] if assignment else stem == key[1])] or list(shared)
    best = max(wanted, key=lambda key: (shared[key], stem == key[1]))
    other = max(shared, key=lambda key: shared[key])
    if shared[other] > shared[best]:  # every notebook shares the cell of imports
        raise ValueError(f"its cells are those of “{other[1]}”. Is it the right file?")
    if shared[best]:
        return best
    known = ", ".join(f"“{book}”" for _, book in (wanted if len(wanted) < len(shared) else shared))
    raise ValueError(f"it has none of the cells of {known}. Work in the notebook that was released.")


# --- the checks ------------------------------------------------------------------------------------------


def examine(
    path: Path, released: Released, assignment: str | None = None, seconds: float = CELL_SECONDS
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
    yield from _running(book, wanted, path.parent, seconds)
    yield from _answers(book, wanted)


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


# --- running ---------------------------------------------------------------------------------------------


def _running(book: Any, wanted: Cells, folder: Path, seconds: float) -> Iterator[Finding]:
    """Run a notebook; yield whether it runs to the end, and which of its visible checks pass."""
    stopped = run(book, folder, seconds)
    checks = [name for name, _, role, _ in wanted if role == "check"]
    elsewhere = {
        index: how
        for index, how in stopped.items()
        if how.text and not how.waits and not (how.kind and grade_id(book.cells[index]) in checks)
    }
    waiting = sum(how.waits for how in stopped.values())
    name = "it runs from top to bottom"
    if elsewhere:
        index, how = next(iter(elsewhere.items()))
        more = f" Later cells that stopped, too: {len(elsewhere) - 1}." if len(elsewhere) > 1 else ""
        yield Finding(name, "fail", f"{_label(book, index)} {how.text}{more}")
    elif waiting:
        yield Finding(name, "todo", f"{waiting} of its cells wait for functions that are not done yet.")
    else:
        yield Finding(name, "pass")
    places = {grade_id(cell): index for index, cell in enumerate(book.cells)}
    for check in checks:
        if check in places:
            yield _judged(f"the check “{check}” passes", stopped.get(places[check]))


def _judged(name: str, how: Stopped | None) -> Finding:
    if how is None:
        return Finding(name, "pass")
    if how.waits or not how.text:
        return Finding(name, "todo", "not done yet." if how.waits else "it was not run.")
    return Finding(name, "fail", f"it {how.text}")


def _label(book: Any, index: int) -> str:
    cell = book.cells[index]
    first = next((line.strip() for line in cell.source.splitlines() if line.strip()), "")
    return f"the cell “{grade_id(cell) or first[:40]}” (number {index + 1})"


def run(book: Any, folder: Path, seconds: float = CELL_SECONDS) -> dict[int, Stopped]:
    """Run all cells as Jupyter would, and return how each failed cell ended, by its index.

    Raises
    ------
    CannotRunError
        If no kernel can be started here.
    """
    from jupyter_client.kernelspec import NoSuchKernel  # noqa: PLC0415
    from nbclient import NotebookClient  # noqa: PLC0415
    from nbclient.exceptions import CellTimeoutError, DeadKernelError  # noqa: PLC0415

    found: dict[int, Stopped] = {}
    awaited: set[str] = set()
    client = NotebookClient(
        book,
        kernel_name="python3",
        allow_errors=True,
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(folder)}},
    )
    client.log = logging.getLogger("precheck")
    client.log.setLevel(logging.CRITICAL + 1)  # failures are reported below
    deadline = time.monotonic() + ALL_SECONDS
    try:
        with client.setup_kernel(stderr=subprocess.DEVNULL):  # the kernel's own log
            for index, cell in enumerate(book.cells):
                if cell.cell_type != "code":
                    continue
                client.timeout = max(1, round(min(seconds, deadline - time.monotonic())))
                client.execute_cell(cell, index)
                how = _ending(cell, awaited)
                if how:
                    found[index] = how
                    awaited |= _assigned(cell.source) if how.waits else set()
    except NoSuchKernel:
        raise CannotRunError(
            "There is no Python kernel here. Install one: python -m pip install ipykernel"
        ) from None
    except CellTimeoutError:
        text = f"took more than {client.timeout} s and was stopped. What comes after it was not run."
        found |= _rest(book, index) | {index: Stopped("", text)}
    except DeadKernelError:
        found |= _rest(book, index) | {index: Stopped("", "ended Python. What comes after it was not run.")}
    return found


def _rest(book: Any, index: int) -> dict[int, Stopped]:
    return {number: Stopped("", "") for number in range(index + 1, len(book.cells))}


def _ending(cell: Any, awaited: set[str]) -> Stopped | None:
    """Return how a cell failed, judged by its outputs, or None if it succeeded.

    ``awaited`` holds the names that cells would have assigned if all functions were written.
    """
    error = next((output for output in cell.outputs if output.output_type == "error"), None)
    if error is None:
        return None
    said = re.sub(r"\(\S+, line (\d+)\)", r"(line \1)", " ".join(error.evalue.split()))[:300]
    name = re.match(r"name '(\w+)' is not defined", error.evalue)
    waits = error.ename == "NotImplementedError" or bool(name and name[1] in awaited)
    return Stopped(error.ename, f"stopped with {error.ename}{f': {said}' if said else '.'}", waits)


def _assigned(source: str) -> set[str]:
    """Return the names that a cell's text assigns."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        return set()
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


# --- the command -----------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None, released: Released | None = None, prog: str = "") -> int:
    """Check the notebook that the arguments name, print the results, return the exit status."""
    released = RELEASED if released is None else released
    parser = argparse.ArgumentParser(
        prog=prog or None,
        description="Check a notebook before it is handed in. Marks come from hidden tests, not from here.",
        epilog="Exit status: 0 all is in order, 1 something isn't or isn't done yet, 2 wrong use.",
    )
    parser.add_argument("notebook", type=Path)
    parser.add_argument(
        "--assignment", choices=sorted(released), help="default: recognised by the notebook's name and cells"
    )
    parser.add_argument(
        "--seconds", type=float, default=CELL_SECONDS, help="time limit for a cell (default: %(default)g)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    if not released:
        parser.error("no assignment has been released; “autograder release” does")
    if not options.notebook.is_file():
        parser.error(f"there is no file {options.notebook}")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # a Windows terminal's encoding may lack ✓
    findings: list[Finding] = []
    try:
        for finding in examine(options.notebook, released, options.assignment, options.seconds):
            findings.append(finding)
            if not options.json:
                print(f"{MARKS[finding.status]} {finding.name}{': ' if finding.message else ''}{finding.message}")
    except (CannotRunError, ImportError) as error:
        parser.error(str(error))
    failed, waiting = (sum(f.status == status and f.judged for f in findings) for status in ("fail", "todo"))
    if options.json:
        status = "fail" if failed else "todo" if waiting else "pass"
        print(json.dumps({"file": str(options.notebook), "status": status, "checks": [*map(asdict, findings)]}))
    elif failed or waiting:
        print(f"\n{failed} to mend, {waiting} not done yet.")
    else:
        print("\nAll is in order. The hidden tests ask more inputs of the same functions.")
    return NOT_IN_ORDER if failed or waiting else IN_ORDER


if __name__ == "__main__":
    sys.exit(main())
