"""Check a notebook before it is handed in: ``python precheck.py softmax.ipynb``.

The script says whether this is the right notebook, whether its locked cells are as they were released, whether it
runs from top to bottom and which of its visible checks pass. It holds no hidden test and gives no marks.

It needs nbformat, nbclient and ipykernel, which come with JupyterLab, and what the notebook itself imports. It
imports nothing of the project: ``autograder release`` writes it beside the released assignments, with their cells.
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

# --- notebooks -------------------------------------------------------------------------------------------

Cells = list[tuple[str, str, str, str]]
"""The released cells of a notebook: ``grade_id``, type, role and digest of each."""
Released = dict[str, dict[str, Cells]]
"""Assignment → notebook → its cells."""


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


# --- causes ----------------------------------------------------------------------------------------------

NOT_PARSED = ("SyntaxError", "IndentationError", "TabError")


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


# --- running ---------------------------------------------------------------------------------------------

CELL_SECONDS, ALL_SECONDS = 30.0, 180.0
"""The grader's time limits for a cell and for a whole notebook, in seconds."""
LONGEST = 300
"""Characters of an error that are quoted."""
Show = Callable[[int, int], None]
"""Shows the number of the cell that runs, and how many there are."""


class CannotRunError(RuntimeError):
    """This machine can't run notebooks; the message says what to install."""


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


# --- checks ----------------------------------------------------------------------------------------------

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


# --- the command -----------------------------------------------------------------------------------------

RELEASED: Released = {
    'bayes': {
        'bayes': [
            ('setup', 'code', 'locked', '593ae0f108d32d5d'),
            ('expectation-solution', 'code', 'solution', '9e383ffa29c1e49d'),
            ('expectation-visible', 'code', 'check', 'aa161a5df55ebbad'),
            ('expectation-stress', 'code', 'check', '673be89834856270'),
            ('expectation', 'code', 'locked', 'e03abc86f06a262f'),
            ('variance-solution', 'code', 'solution', '1a6defbb63d68386'),
            ('variance-visible', 'code', 'check', '2c111f53ea6b7b13'),
            ('variance-stress', 'code', 'locked', '388a0ba37fa31cf3'),
            ('variance', 'code', 'locked', '4ad5d3e2c99427c7'),
            ('dice_sum_pmf-solution', 'code', 'solution', 'fab0ab21b89712a0'),
            ('dice_sum_pmf-visible', 'code', 'check', '01a2d8de37f8824b'),
            ('dice_sum_pmf-stress', 'code', 'check', '08c248cac09128d5'),
            ('dice_sum_pmf', 'code', 'locked', 'a75cb0c0be23fea0'),
            ('two_dice-solution', 'code', 'solution', '9bad9352af589fee'),
            ('two_dice', 'code', 'check', '8456356d9c3ef37a'),
            ('bayes_posterior-solution', 'code', 'solution', 'b35a877582b1b701'),
            ('bayes_posterior-visible', 'code', 'check', '1fae27c2a86dc47c'),
            ('bayes_posterior-stress', 'code', 'check', '7f4cb3cbdf627a73'),
            ('bayes_posterior', 'code', 'locked', '9fbe623ba9fc9de5'),
            ('sequential_posterior-solution', 'code', 'solution', '10e21fe4a93c7166'),
            ('sequential_posterior-visible', 'code', 'check', 'cf9ffe86a8c03faf'),
            ('sequential_posterior', 'code', 'locked', 'e2c0242ea351ae88'),
            ('positive_predictive_value-solution', 'code', 'solution', '43e9f8c4f273510c'),
            ('positive_predictive_value-visible', 'code', 'check', 'f414e0236caa1848'),
            ('positive_predictive_value-stress', 'code', 'check', '0e2099acbc53dd76'),
            ('positive_predictive_value', 'code', 'locked', '5122c10ebc25b46f'),
            ('rare_alarm-solution', 'code', 'solution', 'b53f56716842f2e6'),
            ('rare_alarm', 'code', 'check', '4b4975cefed9a508'),
            ('rare-answer', 'markdown', 'answer', '2f2cafa761220b58'),
            ('bertrand-answer', 'markdown', 'answer', '2f2cafa761220b58'),
        ],
    },
    'bernoulli': {
        'bernoulli': [
            ('setup', 'code', 'locked', '593ae0f108d32d5d'),
            ('bernoulli_nll-solution', 'code', 'solution', 'c5b964231e530db5'),
            ('bernoulli_nll-visible', 'code', 'check', 'fb0b15999b6916d1'),
            ('bernoulli_nll-stress', 'code', 'check', '535e6010fba61b76'),
            ('bernoulli_nll', 'code', 'locked', 'd1b09a025d2b4015'),
            ('bce_with_logits-solution', 'code', 'solution', 'd1caeaf42421ec91'),
            ('bce_with_logits-visible', 'code', 'check', 'c9d1b659ebeb9da8'),
            ('bce_with_logits-stress', 'code', 'check', '8cd3af9ca1d529b3'),
            ('bce_with_logits', 'code', 'locked', '40d8c2770e9b72c3'),
            ('bce_grad-solution', 'code', 'solution', 'd8059532827ebda3'),
            ('bce_grad-visible', 'code', 'check', 'e70b71a3f89716d4'),
            ('bce_grad-stress', 'code', 'check', '6674e24517758b4c'),
            ('bce_grad', 'code', 'locked', '845aabbfc38f9bb5'),
            ('who_pulls-solution', 'code', 'solution', '63415c7cf1acfdb0'),
            ('who_pulls', 'code', 'check', 'b481256a9eb94222'),
            ('clip-answer', 'markdown', 'answer', '2f2cafa761220b58'),
            ('fit_logistic-solution', 'code', 'solution', 'f3612c8f1ed3def5'),
            ('fit_logistic-visible', 'code', 'check', 'd850714da2b97f61'),
            ('fit_logistic-stress', 'code', 'check', '96c0bbd9b77c7b91'),
            ('fit_logistic', 'code', 'locked', '78bdcd1dee65c358'),
            ('rare_accuracy-solution', 'code', 'solution', 'c10814e2ead906d5'),
            ('rare_accuracy', 'code', 'check', '40927763db2d3cd8'),
            ('rare-answer', 'markdown', 'answer', '2f2cafa761220b58'),
        ],
    },
    'divergence': {
        'divergence': [
            ('setup', 'code', 'locked', '593ae0f108d32d5d'),
            ('entropy-solution', 'code', 'solution', '85bb3bf8f4e3ea71'),
            ('entropy-visible', 'code', 'check', '6971c2d87c85381b'),
            ('entropy-stress', 'code', 'check', 'ac708318056eedda'),
            ('entropy', 'code', 'locked', 'a892702f3ec338c2'),
            ('kl_divergence-solution', 'code', 'solution', '09a29424624ddd98'),
            ('kl_divergence-visible', 'code', 'check', '575ae4f308c7748f'),
            ('kl_divergence-stress', 'code', 'check', '33725e474edc06d8'),
            ('kl_divergence', 'code', 'locked', 'e2281e0e8f43ccb5'),
            ('impossible_in_model-solution', 'code', 'solution', '5de0f4c77a8ddedb'),
            ('impossible_in_model', 'code', 'check', '028645e85ba4eaf6'),
            ('kl_is_not_negative-solution', 'code', 'solution', '2e36fd18609acaca'),
            ('kl_is_not_negative', 'code', 'check', 'd267943cd0cfe5b1'),
            ('gaussian_kl-solution', 'code', 'solution', '8405708153be3640'),
            ('gaussian_kl-visible', 'code', 'check', '0391a597d8d9a2e0'),
            ('gaussian_kl-stress', 'code', 'check', '0735c25ab593b201'),
            ('gaussian_kl', 'code', 'locked', '5db58346133cd235'),
            ('floor-answer', 'markdown', 'answer', '2f2cafa761220b58'),
            ('moment_match-solution', 'code', 'solution', 'e237de4c7906c91f'),
            ('moment_match-visible', 'code', 'check', '892508c0828eac5a'),
            ('moment_match-stress', 'code', 'check', '0cd02eecde5effa3'),
            ('moment_match', 'code', 'locked', 'f701eedc4128496d'),
            ('two_clusters-solution', 'code', 'solution', '0263b19b59415a9f'),
            ('two_clusters', 'code', 'check', 'da9375faa7a50a80'),
            ('modes-answer', 'markdown', 'answer', '2f2cafa761220b58'),
            ('js_divergence-solution', 'code', 'solution', '82bf29a505aeecaf'),
            ('js_divergence-visible', 'code', 'check', '1bbc8dba17209e72'),
            ('js_divergence-stress', 'code', 'check', 'd89227c131e6245e'),
            ('js_divergence', 'code', 'locked', 'bbbeddb2409b3189'),
        ],
    },
    'gaussian': {
        'gaussian': [
            ('setup', 'code', 'locked', 'c93f2f25ac138fab'),
            ('gaussian_log_pdf-solution', 'code', 'solution', '3d26de830732d194'),
            ('gaussian_log_pdf-visible', 'code', 'check', '05dd12ecea49404a'),
            ('gaussian_log_pdf-stress', 'code', 'check', '52597e5dcac86c5f'),
            ('gaussian_log_pdf', 'code', 'locked', '2bd5775a4348648f'),
            ('density_of_four-solution', 'code', 'solution', '96923d3f10c524f1'),
            ('density_of_four', 'code', 'check', '656e3b6ff50c64cc'),
            ('within_k_sigma-solution', 'code', 'solution', '972139a07951b7e0'),
            ('within_k_sigma-visible', 'code', 'check', '5d163de5d38faa98'),
            ('within_k_sigma-stress', 'code', 'check', '9f2eedf22858bcb1'),
            ('within_k_sigma', 'code', 'locked', '1efb9f8b5a0218c6'),
            ('gaussian_log_likelihood-solution', 'code', 'solution', '2ae06626cc123e5e'),
            ('gaussian_log_likelihood-visible', 'code', 'check', '3bffdc389218ec37'),
            ('gaussian_log_likelihood-stress', 'code', 'check', 'ebc3de8481b17952'),
            ('gaussian_log_likelihood', 'code', 'locked', 'bd575258edf6fb41'),
            ('gaussian_mle-solution', 'code', 'solution', 'bdffe91f66080642'),
            ('gaussian_mle-visible', 'code', 'check', 'bc9d7c457a67be17'),
            ('gaussian_mle-stress', 'code', 'check', '32b9776ca82c0867'),
            ('gaussian_mle', 'code', 'locked', '5b0a02268042be29'),
            ('covariance_matrix-solution', 'code', 'solution', 'c0e15082e2fa254d'),
            ('covariance_matrix-visible', 'code', 'check', '385fc49976d8910d'),
            ('covariance_matrix-stress', 'code', 'check', 'bd13c58c15fa3c8e'),
            ('covariance_matrix', 'code', 'locked', '8cd21406841169da'),
            ('correlation-solution', 'code', 'solution', 'fc7623e274d17a2d'),
            ('correlation-visible', 'code', 'check', '4ec3321fb6634963'),
            ('correlation-stress', 'code', 'check', '94395d0d8656bd46'),
            ('correlation', 'code', 'locked', '45a682cfb21f9688'),
            ('no_correlation-solution', 'code', 'solution', '407f1519c79fd497'),
            ('no_correlation', 'code', 'check', 'a4c30b1a0091a27b'),
            ('mvn_log_pdf-solution', 'code', 'solution', '48f31df962facd4d'),
            ('mvn_log_pdf-visible', 'code', 'check', 'e2ddcae46c778ed7'),
            ('mvn_log_pdf-stress', 'code', 'check', 'c0020acc1c5df119'),
            ('mvn_log_pdf', 'code', 'locked', '02f5097080896df9'),
            ('volume-answer', 'markdown', 'answer', '2f2cafa761220b58'),
            ('map_ridge-solution', 'code', 'solution', '703068895f0a3582'),
            ('map_ridge-visible', 'code', 'check', '95c8dd284da24be6'),
            ('map_ridge-stress', 'code', 'check', '894de66acec65d1c'),
            ('map_ridge', 'code', 'locked', '8dccf199ce3367f9'),
            ('weight-decay-answer', 'markdown', 'answer', '2f2cafa761220b58'),
        ],
    },
    'losses': {
        'losses': [
            ('setup', 'code', 'locked', '593ae0f108d32d5d'),
            ('poisson_nll-solution', 'code', 'solution', '081c1b5a7ce04f35'),
            ('poisson_nll-visible', 'code', 'check', '26f1e64a91b78058'),
            ('poisson_nll-stress', 'code', 'check', 'e8acb69ed83f0b66'),
            ('poisson_nll', 'code', 'locked', 'fd25a7bf63e9343d'),
            ('zero_count-solution', 'code', 'solution', '788b4e92309a4558'),
            ('zero_count', 'code', 'check', '6ac2d68cc1162145'),
            ('counts-derivation-answer', 'markdown', 'answer', '2f2cafa761220b58'),
            ('laplace_nll-solution', 'code', 'solution', '716a8410d7fd06e7'),
            ('laplace_nll-visible', 'code', 'check', '239aadc77099c3a8'),
            ('laplace_nll-stress', 'code', 'check', '913cfb4c1d649e93'),
            ('laplace_nll', 'code', 'locked', '09ebc704ee76cdf6'),
            ('best_constant-solution', 'code', 'solution', '609e8aefc16e8388'),
            ('best_constant', 'code', 'check', 'ffe90f9709d74eda'),
            ('travel-answer', 'markdown', 'answer', '2f2cafa761220b58'),
            ('heteroscedastic_nll-solution', 'code', 'solution', '34d6925095718225'),
            ('heteroscedastic_nll-visible', 'code', 'check', 'c9844c717179883b'),
            ('heteroscedastic_nll-stress', 'code', 'check', '5bdc0e69cb0b3991'),
            ('heteroscedastic_nll', 'code', 'locked', '382fc8131190f3cc'),
            ('heteroscedastic_grad-solution', 'code', 'solution', '5559e222a0f1a391'),
            ('heteroscedastic_grad-visible', 'code', 'check', '4b4c255742138ca3'),
            ('heteroscedastic_grad-stress', 'code', 'check', '6646afc52db01e2f'),
            ('heteroscedastic_grad', 'code', 'locked', 'ac12cc948d24d7b5'),
            ('hidden_layer_loss_grad-solution', 'code', 'solution', '4cd6b5268cdfa142'),
            ('hidden_layer_loss_grad-visible', 'code', 'check', '0b97f3fe501824f9'),
            ('hidden_layer_loss_grad-stress', 'code', 'check', '9bfdc9e34fd900a0'),
            ('hidden_layer_loss_grad', 'code', 'locked', '9e6f939cb95f015b'),
            ('negative-answer', 'markdown', 'answer', '2f2cafa761220b58'),
        ],
    },
    'matching': {
        'matching': [
            ('setup', 'code', 'locked', 'ca38593643123e16'),
            ('helpers', 'code', 'locked', '8d2bd103396cb85a'),
            ('train_softmax_regression-solution', 'code', 'solution', '50fcaef003d65f44'),
            ('train_softmax_regression-visible', 'code', 'check', 'cc3d14a775373166'),
            ('train_softmax_regression-stress', 'code', 'check', '0315d062e86e5c7f'),
            ('train_softmax_regression', 'code', 'locked', '77db93b0e28e74bd'),
            ('floor-answer', 'markdown', 'answer', '2f2cafa761220b58'),
            ('chosen_on_test-solution', 'code', 'solution', '04a4a52e9164a985'),
            ('chosen_on_test', 'code', 'check', '7b68cfff2acd1a80'),
            ('fit_temperature-solution', 'code', 'solution', '91a004bdb49eea51'),
            ('fit_temperature-visible', 'code', 'check', '3d5c9468598c92cd'),
            ('fit_temperature-stress', 'code', 'check', 'c33a8d0273c95b51'),
            ('fit_temperature', 'code', 'locked', '7a46dad9882262cb'),
            ('which_temperature-solution', 'code', 'solution', 'da58dcf880486881'),
            ('which_temperature', 'code', 'check', '0f6fa930e1ce610f'),
            ('explained_variance_ratio-solution', 'code', 'solution', '4ad26769eed6cb6b'),
            ('explained_variance_ratio-visible', 'code', 'check', 'ced66fdd9f86360b'),
            ('explained_variance_ratio', 'code', 'locked', 'acedb7b39557f32d'),
            ('debug-answer', 'markdown', 'answer', '2f2cafa761220b58'),
            ('fit_class_gaussians-solution', 'code', 'solution', '66363f1f9a5f8475'),
            ('fit_class_gaussians-visible', 'code', 'check', '48c0d10099ab4aa1'),
            ('fit_class_gaussians-stress', 'code', 'check', '1ef19bfc5df66b96'),
            ('fit_class_gaussians', 'code', 'locked', 'dd2899fb0927f34c'),
            ('sample_gaussian-solution', 'code', 'solution', 'ffe29ad6c96ee9c4'),
            ('sample_gaussian-visible', 'code', 'check', '8afa5a0f6d3374df'),
            ('sample_gaussian', 'code', 'locked', '6c678b42c09275d2'),
            ('bayes_classifier_log_posterior-solution', 'code', 'solution', 'ed8c26ae082f3b56'),
            ('bayes_classifier_log_posterior-visible', 'code', 'check', '9a4453714feabb28'),
            ('bayes_classifier_log_posterior-stress', 'code', 'check', 'b698b8ef08d8e594'),
            ('bayes_classifier_log_posterior', 'code', 'locked', 'de90ea86b44a18fb'),
        ],
    },
    'softmax': {
        'softmax': [
            ('setup', 'code', 'locked', '593ae0f108d32d5d'),
            ('softmax-solution', 'code', 'solution', 'dd6bd405b6c49b80'),
            ('softmax-visible', 'code', 'check', '52d470b75ccbe276'),
            ('softmax-stress', 'code', 'check', 'b39c8eb83b486f55'),
            ('softmax', 'code', 'locked', '60fc819e79dee058'),
            ('equally_sure-solution', 'code', 'solution', 'e0a9c112e604f437'),
            ('equally_sure', 'code', 'check', '7705589e06c85e32'),
            ('logsumexp-solution', 'code', 'solution', 'affe8228dbce61c5'),
            ('logsumexp-visible', 'code', 'check', '3c1a79ea152efa89'),
            ('logsumexp-stress', 'code', 'check', '5c2ccf53f95c2621'),
            ('logsumexp', 'code', 'locked', '6a6862ce26b207ef'),
            ('log_softmax-solution', 'code', 'solution', 'd96b29a62a395f22'),
            ('log_softmax-visible', 'code', 'check', '21c3d969eb27ff7c'),
            ('log_softmax', 'code', 'locked', '4cc37bfd4764476d'),
            ('cross_entropy-solution', 'code', 'solution', '984b1c87977a08df'),
            ('cross_entropy-visible', 'code', 'check', 'b36b266649e735e6'),
            ('cross_entropy-stress', 'code', 'check', 'f3455947ad3f80a3'),
            ('cross_entropy', 'code', 'locked', '4d6b9fca35342cd8'),
            ('first_loss-solution', 'code', 'solution', 'cb7026be26176ad0'),
            ('first_loss', 'code', 'check', 'cdab7b2084572ffb'),
            ('double-softmax-answer', 'markdown', 'answer', '2f2cafa761220b58'),
            ('numerical_gradient-solution', 'code', 'solution', '60b5088ed3db1a79'),
            ('numerical_gradient-visible', 'code', 'check', '4ed66fe8296dd952'),
            ('numerical_gradient-stress', 'code', 'check', 'df76058440ecf593'),
            ('numerical_gradient', 'code', 'locked', 'f77db88a8f1965c7'),
            ('cross_entropy_grad-solution', 'code', 'solution', '22f4e4d8f49675e0'),
            ('cross_entropy_grad-visible', 'code', 'check', 'd886917cec0902b3'),
            ('cross_entropy_grad-stress', 'code', 'check', '94380d095b55a879'),
            ('cross_entropy_grad', 'code', 'locked', '31fc7635c1d29dc9'),
            ('saturation-answer', 'markdown', 'answer', '2f2cafa761220b58'),
            ('lse_is_convex-solution', 'code', 'solution', '7aa2149455ecd33d'),
            ('lse_is_convex', 'code', 'check', '92f8ebea977a9050'),
        ],
    },
}
"""``autograder release`` fills this in."""
IN_ORDER, NOT_IN_ORDER, INTERRUPTED = 0, 1, 130
MARKS = {"pass": "✓", "fail": "✗", "todo": "·"}
NEEDED = "nbformat nbclient ipykernel"


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
