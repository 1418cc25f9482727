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
import contextlib
import hashlib
import io
import itertools
import json
import logging
import math
import re
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Cells = list[tuple[str, str, str, str]]
"""The released cells of a notebook: ``grade_id``, type, role and digest of each."""
Released = dict[str, dict[str, Cells]]
"""Assignment → notebook → its cells."""
RELEASED: Released = {}
"""``autograder release`` fills this in."""

IN_ORDER, NOT_IN_ORDER, WRONG_USE, INTERRUPTED = 0, 1, 2, 130
RUNS, NEXT = "it runs from top to bottom", "what to do next"
MARKS = {"pass": "✓", "fail": "✗", "todo": "·"}
NEEDED = "nbformat nbclient ipykernel"
MAX_BYTES = 20 << 20
"""Bytes; the grader refuses a larger file."""
CELL_SECONDS, ALL_SECONDS = 30.0, 180.0
"""The grader's time limits for a cell and for a whole notebook, in seconds."""
INTACT = ("locked", "check")
NOT_PARSED = ("SyntaxError", "IndentationError", "TabError")
LONGEST, MOST_NAMED = 300, 3
"""Characters of an error that are quoted, and cells that are named."""
Show = Callable[[int, int], None]
"""Shows the number of the cell that runs, and how many there are."""


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
    cause: int | None = None
    """The index of the cell whose error this one follows from; None if it is its own."""


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
    shared = {  # by the cells to work in: other courses have a cell called “setup”, too
        (name, book): len(theirs & ({cell[0] for cell in cells if cell[2] != "locked"} or {c[0] for c in cells}))
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


# --- running ---------------------------------------------------------------------------------------------


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


def run(
    book: Any, folder: Path, seconds: float, wanted: Cells, show: Show, *, again: bool = True
) -> dict[int, Stopped]:
    """Run all cells as Jupyter would, and return how each failed cell ended, by its index.

    If the kernel does not start, it is started ``again``: of two that begin at the same moment and choose the same
    port, one dies.

    Raises
    ------
    CannotRunError
        If no kernel can be started here.
    """
    from jupyter_client.kernelspec import NoSuchKernel  # noqa: PLC0415
    from nbclient import NotebookClient  # noqa: PLC0415
    from nbclient.exceptions import CellTimeoutError, DeadKernelError  # noqa: PLC0415

    found: dict[int, Stopped] = {}
    causes = Causes(book, wanted)
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
                show(index + 1, len(book.cells))
                client.timeout = max(1, round(min(seconds, deadline - time.monotonic())))
                client.execute_cell(cell, index)
                how = causes.explain(index, _error_of(cell))
                if how:
                    found[index] = how
    except NoSuchKernel:
        raise CannotRunError(
            "There is no Python kernel here. Install one: python -m pip install ipykernel"
        ) from None
    except CellTimeoutError:
        text = f"took more than {client.timeout} s and was stopped. What comes after it was not run."
        found |= _rest(book, index) | {index: Stopped("", text)}
    except DeadKernelError:
        found |= _rest(book, index) | {index: Stopped("", "ended Python. What comes after it was not run.")}
    except (RuntimeError, OSError) as error:
        if again:
            return run(book, folder, seconds, wanted, show, again=False)
        raise CannotRunError(
            f"The Python kernel here does not start ({error}). See what `python -m ipykernel_launcher` says."
        ) from None
    return found


def _rest(book: Any, index: int) -> dict[int, Stopped]:
    return {number: Stopped("", "") for number in range(index + 1, len(book.cells))}


def _error_of(cell: Any) -> tuple[str, str] | None:
    """Return the name and the text of the error that stopped a cell, judged by its outputs."""
    error = next((output for output in cell.outputs if output.output_type == "error"), None)
    if error is None:
        return None
    said = re.sub(r"\(\S+, line (\d+)\)", r"(line \1)", " ".join(error.evalue.split()))
    kind = "SyntaxError" if error.ename == "_IncompleteInputError" else error.ename  # its private name since 3.13
    return kind, said[:LONGEST]


class Causes:
    """Tells an error of a cell's own from one that follows from another cell, whatever the error is.

    A cell that stops leaves names unset or half filled. A later cell that reads one of them and stops, too,
    follows from it. The same holds for functions that are not written yet, and whose checks don't pass.
    """

    def __init__(self, book: Any, wanted: Cells) -> None:
        self.cells = book.cells
        self.roles = {name: role for name, _, role, _ in wanted}
        released = {name: whole for name, _, _, whole in wanted}
        self.modules = set[str]()
        """What imports bind: calling one of their functions changes none of them."""
        self.functions: dict[str, int] = {}
        """The cell in which each function of the assignment is to be written."""
        self.needs: dict[str, set[str]] = {}
        """The names that each of these cells reads."""
        self.unwritten: set[str] = set()
        self.waiting: set[str] = set()
        """Names that wait for a function."""
        self.broken: dict[str, int] = {}
        """Names that another cell's error spoils, and that cell."""
        for index, cell in enumerate(self.cells):
            name = grade_id(cell)
            with contextlib.suppress(SyntaxError):
                self.modules |= imported(ast.walk(ast.parse(cell.source))) if cell.cell_type == "code" else set()
            if self.roles.get(name) == "solution" and cell.cell_type == "code":
                theirs = names_in(cell.source)[0] | {name.removesuffix("-solution")}
                self.functions |= dict.fromkeys(theirs, index)
                self.needs |= dict.fromkeys(theirs, names_in(cell.source)[1] - theirs)
                if digest(cell.source) == released[name]:
                    self.unwritten |= theirs
        self.waiting |= self.unwritten

    def explain(self, index: int, error: tuple[str, str] | None) -> Stopped | None:
        """Return how a cell that has just run failed, and why; None if it succeeded."""
        cell = self.cells[index]
        role = self.roles.get(grade_id(cell))
        bound, read, changed = names_in(cell.source)
        changed -= self.modules
        if role == "solution":
            bound |= {grade_id(cell).removesuffix("-solution")} if error else set()
            read &= {
                name for name in read if name not in self.functions
            }  # what a body calls fails when it is called
        if error is None:
            self._pass_on(bound - self.functions.keys() if role == "solution" else bound, read)
            return None
        kind, said = error
        text = f"stopped with {kind}{f': {said}' if said else ''}".rstrip(".") + "."
        missing = re.match(r"name '(\w+)' is not defined", said)
        known = {missing[1]} if missing else read
        if role == "check" and not missing:
            known = {name for name in known if name not in self.functions or name in self.unwritten}
        called = set().union(*(self.needs.get(name, ()) for name in read)) if role == "check" else set()
        blamed = next((self.broken[name] for name in sorted(known | called) if name in self.broken), None)
        if kind == "NotImplementedError" or (blamed is None and kind not in NOT_PARSED and known & self.waiting):
            self.waiting |= (bound | changed) - self.functions.keys()
            return Stopped(kind, text, waits=True)
        cause = None if kind in NOT_PARSED else blamed
        blame, spoilt = index if cause is None else cause, bound | changed
        if role == "check":
            own = self._written_in(grade_id(cell))
            cause = None if cause == own else cause
            blame = blame if cause is not None or own is None else own
            spoilt |= read & self.functions.keys()
        for name in spoilt:
            self.broken.setdefault(name, blame)
        return Stopped(kind, text, cause=cause)

    def _written_in(self, check: str) -> int | None:
        """Return the cell in which the function of a check is written; the check has its name and an ending."""
        return next((index for name, index in self.functions.items() if check.startswith(f"{name}-")), None)

    def _pass_on(self, bound: set[str], read: set[str]) -> None:
        """Note what a cell has bound that succeeded: what comes from spoilt names is spoilt, too."""
        if read & self.waiting:
            self.waiting |= bound - self.functions.keys()
        else:
            self.waiting -= bound - self.unwritten
        blamed = next((self.broken[name] for name in sorted(read) if name in self.broken), None)
        for name in bound:
            if blamed is None:
                self.broken.pop(name, None)
            else:
                self.broken.setdefault(name, blamed)


def names_in(source: str) -> tuple[set[str], set[str], set[str]]:
    """Return the names that a cell binds, reads, and changes in place; of broken code, those it would bind."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        pairs = re.findall(r"^(?:async def|def|class)[ ]+(\w+)|^(\w+)[ ]*=[^=]", source, re.MULTILINE)
        return {name for pair in pairs for name in pair if name}, set(), set()
    named = [node for node in nodes if isinstance(node, ast.Name)]
    bound = {node.id for node in named if isinstance(node.ctx, ast.Store)} | imported(nodes)
    bound |= {
        node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    called = [node.value.func for node in nodes if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)]
    parts: list[ast.Attribute | ast.Subscript] = [node for node in called if isinstance(node, ast.Attribute)]
    parts += [node for node in nodes if isinstance(node, ast.Attribute | ast.Subscript) and _stores(node)]
    changed = {node.value.id for node in parts if isinstance(node.value, ast.Name)}
    return bound, {node.id for node in named if isinstance(node.ctx, ast.Load)}, changed


def _stores(node: ast.Attribute | ast.Subscript) -> bool:
    return isinstance(node.ctx, ast.Store)


def imported(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names that imports bind."""
    aliases = [alias for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names]
    return {alias.asname or alias.name.partition(".")[0] for alias in aliases}


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


# --- the command -----------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None, released: Released | None = None, prog: str = "") -> int:
    """Check the notebook that the arguments name, print the results, return the exit status."""
    released = RELEASED if released is None else released
    parser = argparse.ArgumentParser(
        prog=prog or None,
        description="Check a notebook before it is handed in. Marks come from hidden tests, not from here.",
        epilog="Exit status: 0 all is in order, 1 something isn't or isn't done yet, 2 wrong use.",
    )
    parser.add_argument("notebook", type=Path, help="the notebook, or the folder that it lies in")
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
    if not 0 < options.seconds < math.inf:
        parser.error(f"--seconds is the time for a cell, more than 0: {options.seconds:g} is not")
    path = _notebook_at(options.notebook)
    if path is None:
        parser.error(_no_file(options.notebook))
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # a Windows terminal's encoding may lack ✓
    findings: list[Finding] = []
    show = _progress if sys.stderr.isatty() else lambda *_: None
    try:
        for finding in examine(path, released, options.assignment, options.seconds, show):
            findings.append(finding)
            if not options.json and finding.name != NEXT:
                text = f"{finding.name}{': ' if finding.message else ''}{finding.message}"
                print(f"{MARKS[finding.status]} {text}", flush=True)
    except CannotRunError as error:
        parser.error(str(error))
    except ImportError as error:
        parser.error(f"{error.name} is missing, with which notebooks run: python -m pip install {NEEDED}")
    except KeyboardInterrupt:
        print("\nStopped. The notebook is as it was.", file=sys.stderr)
        return INTERRUPTED
    advice = next((finding.message for finding in findings if finding.name == NEXT), "")
    failed, waiting = (sum(f.status == status and f.judged for f in findings) for status in ("fail", "todo"))
    if options.json:
        status = "fail" if failed else "todo" if waiting else "pass"
        print(json.dumps({"file": str(options.notebook), "status": status, "checks": [*map(asdict, findings)]}))
    elif failed or waiting:
        print(f"\n{failed} to mend, {waiting} not done yet.")
    else:
        print("\nAll is in order. The hidden tests ask more inputs of the same functions.")
    if advice and not options.json:
        print(advice)
    return NOT_IN_ORDER if failed or waiting else IN_ORDER


def _notebook_at(path: Path) -> Path | None:
    """Return a notebook, or the only one in a folder; None if there is none."""
    if path.is_dir():
        inside = sorted(path.glob("*.ipynb"))
        return inside[0] if len(inside) == 1 else None
    return path if path.is_file() else None


def _no_file(path: Path) -> str:
    """Say that there is no such notebook, and which one of that name lies nearby."""
    if path.is_dir():
        return f"{path} holds {len(list(path.glob('*.ipynb')))} notebooks: name one"
    places = [folder / path.name for folder in (Path(), Path(path.stem), Path("release", path.stem))]
    near = next((place for place in places if place.is_file()), None)
    return f"there is no file {path}" + (f"; did you mean {near}?" if near else "")


def _progress(number: int, total: int) -> None:
    """Show on a terminal which cell runs; the line is gone when the last one has."""
    last = number == total
    print(
        "\r" + ("\x1b[K" if last else f"running cell {number} of {total} …\x1b[K\r"),
        end="",
        file=sys.stderr,
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
