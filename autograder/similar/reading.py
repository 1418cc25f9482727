"""Reading submissions: in processes with limits, because students' bytes may be made to crash or to exhaust."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Self, TypeVar

import msgspec
import numpy as np

from autograder import intake
from autograder.envelope.nursery import Nursery, NurseryError
from autograder.envelope.worker import DiedError, Envelope, ExhaustedError, RequestError, Worker, serve
from autograder.intake import SubmittedNotebook
from autograder.notebooks import notebook
from autograder.similar.compare import Work
from autograder.similar.features import answers_of, hash_of
from autograder.similar.parts import Part, Questions
from autograder.similar.tokens import own_names, remarks

ENVELOPE = Envelope(seconds=60.0, processor_seconds=15.0, memory=1 << 29)
"""What reading one submission may use."""
AHEAD = 64
"""How many submissions may be read ahead of the one that is taken next, for each process."""
SHOWN = 40_000
"""Characters of a notebook that a page shows."""
T = TypeVar("T")


class Prints(msgspec.Struct, frozen=True):
    """The fingerprints of one notebook."""

    prints: dict[str, list[int]]
    shapes: dict[str, int]
    own: dict[str, list[int]]
    """The names and remarks of the student's own, by question."""


class ShownCell(msgspec.Struct, frozen=True):
    """A cell for a page: its question, its text, and the parts of it to mark."""

    question: str
    text: str
    marks: list[tuple[int, int]]


class NotReadError(Exception):
    """A submission can't be read. The text is the end of a sentence about it."""


# --- in the process with limits --------------------------------------------------------------------------


class Service:
    """The requests that a process answers.

    Parameters
    ----------
    questions
        The questions of each notebook, by its name.
    """

    def __init__(self, questions: Mapping[str, Questions]) -> None:
        self.questions = questions
        self.forced = {name: forced_by(asks) for name, asks in questions.items()}

    def methods(self) -> Mapping[str, Callable[..., Any]]:
        """Return the requests by name."""
        return {"prints": self.prints, "shown": self.shown}

    def prints(self, found: SubmittedNotebook) -> Prints:
        """Return the fingerprints of a notebook."""
        asks = self.questions[found.notebook]
        read, forced = _read(found), self.forced[found.notebook]
        parts = asks.of(read)
        answers = answers_of(parts, asks.given, forced)
        return Prints(
            {name: list(answer.prints) for name, answer in answers.items()},
            {name: answer.shape for name, answer in answers.items() if answer.shape},
            {name: sorted(own - forced) for name, own in _own(parts, read, asks).items()},
        )

    def shown(self, found: SubmittedNotebook, shared: dict[str, set[int]]) -> list[ShownCell]:
        """Return a notebook's own cells, with the places of these fingerprints of each question."""
        asks = self.questions[found.notebook]
        read = _read(found)
        parts = asks.of(read)
        marks: dict[int, list[tuple[int, int]]] = {}
        for question, answer in answers_of(parts, asks.given).items():
            for value in answer.prints.keys() & shared.get(question, set()):
                for cell, start, end in answer.prints[value]:
                    marks.setdefault(cell, []).append((start, end))
        named = {part.cell: part.question for part in reversed(parts)}
        cells, left = [], SHOWN
        for number in sorted(named):
            text = read["cells"][number]["source"][:left]
            left -= len(text)
            cells.append(ShownCell(named[number], text, joined(marks.get(number, []), len(text))))
        return cells


def _own(parts: Sequence[Part], read: notebook.Notebook, asks: Questions) -> dict[str, set[int]]:
    """Return hashes of the names and remarks in each question's parts; a cell's remarks are its first part's."""
    own: dict[str, set[int]] = {}
    cells = set[int]()
    for part in parts:
        words = own.setdefault(part.question, set())
        if part.prose:
            continue
        words |= {_name(name) for statement in part.statements for name in own_names(statement, asks.used)}
        if part.cell not in cells:
            cells.add(part.cell)
            words |= {_remark(line) for line in remarks(read["cells"][part.cell]["source"])}
    return own


def _name(name: str) -> int:
    return hash_of(f"name {name}")


def _remark(line: str) -> int:
    return hash_of(f"remark {line}")


def forced_by(asks: Questions) -> set[int]:
    """Return the fingerprints that the release and the solution hold, its names and remarks among them."""
    answers = answers_of(asks.forced, asks.given, every=True).values()
    prints = {value for answer in answers for value in answer.prints}
    said = [*(text for _, text in asks.source.program), *asks.released]
    return (
        prints | {_name(name) for name in asks.used} | {_remark(line) for text in said for line in remarks(text)}
    )


def _read(found: SubmittedNotebook) -> notebook.Notebook:
    try:
        return notebook.read(found.read())
    except notebook.UnreadableError as error:
        raise intake.RefusedError(f"{error}") from None


def joined(spans: Sequence[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """Join spans that overlap or touch, and cut them to a length."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return [(start, min(end, length)) for start, end in merged if start < length]


# --- in the command's own process ------------------------------------------------------------------------

_prints, _shown = msgspec.json.Decoder(Prints), msgspec.json.Decoder(list[ShownCell])


class Readers:
    """Processes that read submissions; a context manager.

    Parameters
    ----------
    questions
        The questions of each notebook, by its name.
    jobs
        How many submissions are read at the same time.
    """

    def __init__(self, questions: Mapping[str, Questions], jobs: int) -> None:
        self._nursery = Nursery(partial(_run, dict(questions)))
        self._threads = ThreadPoolExecutor(max_workers=jobs)
        self._ahead = AHEAD * jobs
        self._own = threading.local()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._nursery.close()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def prints(self, wanted: Sequence[SubmittedNotebook]) -> Iterator[Prints | NotReadError]:
        """Yield the fingerprints of each notebook in the given order, or why it can't be read."""
        waiting: deque[Future[Prints | NotReadError]] = deque()
        for found in wanted:
            waiting.append(self._threads.submit(self._prints, found))
            if len(waiting) > self._ahead:  # memory must not grow with the class
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def shown(self, found: SubmittedNotebook, shared: Mapping[str, set[int]]) -> list[ShownCell]:
        """Return a notebook's own cells, marked; none if it can't be read any more."""
        try:
            return self._threads.submit(self._ask, _shown, "shown", found, dict(shared)).result()
        except NotReadError:
            return []

    def _prints(self, found: SubmittedNotebook) -> Prints | NotReadError:
        try:
            return self._ask(_prints, "prints", found)
        except NotReadError as error:
            return error

    def _ask(self, decoder: msgspec.json.Decoder[T], name: str, *arguments: Any) -> T:
        worker: Worker | None = getattr(self._own, "worker", None)
        try:
            if worker is None:
                worker = self._own.worker = Worker(self._nursery, ENVELOPE)
            return decoder.decode(worker.request(name, *arguments))
        except RequestError as error:
            raise NotReadError(str(error) if error.kind == "RefusedError" else f"{error.kind}: {error}") from None
        except ExhaustedError as error:
            self._own.worker = None
            raise NotReadError(f"{error}") from None
        except (DiedError, NurseryError, msgspec.MsgspecError):
            self._own.worker = None
            raise NotReadError("ended the process that read it") from None


def _run(questions: Mapping[str, Questions], connection: Connection) -> None:
    serve(connection, ENVELOPE, lambda: Service(questions).methods())


def add(work: Work, read: Prints) -> None:
    """Add what was read of one of a student's notebooks to what the student handed in."""
    for mine, more in ((work.prints, read.prints), (work.own, read.own)):
        for question, prints in more.items():
            new = np.array(prints, dtype=np.uint64)
            mine[question] = np.union1d(np.asarray(mine.get(question, new)), new)
    work.shapes |= read.shapes
