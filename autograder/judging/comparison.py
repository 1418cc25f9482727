"""Whether a candidate gives a student's answers: its own are kept and compared."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder.judging.calls import Answer, Call, Raised, Returned, copy_layout, quiet_answer_of
from autograder.judging.candidates import AskedCall, Candidate, known
from autograder.judging.compare import Tolerance, agrees
from autograder.judging.finite import finite_matrices
from autograder.judging.inner_slips import formula_of
from autograder.judging.model import Check, Exercise, Misconception
from autograder.judging.numbers import numbers_of
from autograder.judging.patience import called
from autograder.judging.probes import Probe, ends_of, largest
from autograder.judging.sizes import size_of
from autograder.judging.slips import Slip, lengths_of
from autograder.judging.stopwatch import Stopwatch

Function = Callable[..., Any]
NOTHING = Raised("")
"""The answer of a slip that can't be made there."""
MAX_KEPT = 4 << 20
"""Bytes of an answer. A changed formula may make a table of what is a row, and each answer is kept."""


RELATIVE = 1e-12
"""How far apart equal wrong answers may lie, relatively: they may be much larger than the right ones."""
LOOK_EVERY = 16
"""How many answers are compared between two looks at the clock."""
READ_ONLY = "read-only"
"""What NumPy says when something is written into an array that must not be."""
SMALL = 1 << 13
"""Bytes of an answer that takes no time worth measuring to compare."""


COMPARED, AGREED, CALLED = 2, 20, 10
"""The work of comparing an answer's ends, the whole of it, and of a call beside its operations."""
LONG = 8
"""How many times as many operations as the right function's are too many for one of two mistakes."""
NUMBERS = 256
"""So many numbers take as long again as an operation on a few."""
LOOK_AFTER = 500
"""How much work is done between two looks at the clock."""


class OverError(Exception):
    """There is no time left to look for an explanation."""


class LimitError(Exception):
    """The search has taken as long as it may."""


@dataclass(frozen=True)
class Limit:
    """How much work a search may take, and the processor time that is the safety net."""

    work: int
    watch: Stopwatch


class Comparison:
    """Answers of candidates to the calls of one submission, and whether they are the student's.

    Parameters
    ----------
    exercise
        The exercise.
    watch
        The processor time that judging the submission may take in all.
    """

    def __init__(self, exercise: Exercise, watch: Stopwatch) -> None:
        self.exercise, self.watch = exercise, watch
        self.work = 0
        """What was done so far, in operations of formulas: a measure of time that is the same on every machine."""
        self.limit: Limit | None = None
        """What ends a search, while there is one."""
        self._tried = 0
        self._answers: dict[tuple[int, int], Answer] = {}
        self._kept: list[Any] = []  # what an id stands for must live as long as the id is used
        self._probes: dict[int, Probe] = {}
        self._large: dict[int, bool] = {}
        self._operations: dict[int, int] = {}
        self._protected: dict[int, Call | None] = {}
        self._since = 0
        self._counted: dict[int, dict[str, int]] = {}
        self._tolerances: dict[tuple[int, bool], Tolerance] = {}

    def answer(self, candidate: Candidate, call: Call) -> Answer:
        """Return the candidate's answer to a call."""
        answer = self._plain(candidate.function, call)
        if not candidate.slips or not isinstance(answer, Returned):
            return answer
        value = answer.value
        for slip in candidate.slips:
            try:
                value = slip.change(value, self.lengths(call))
            except (ValueError, TypeError, IndexError, OverflowError):
                return NOTHING
            if value is None:
                return NOTHING
        return Returned(value, changed=answer.changed)

    def agree(self, candidate: Candidate, check: Check, asked: AskedCall) -> bool:
        """Whether a candidate gives the student's answer to a call, and loses or keeps the call as they do."""
        self._tried += 1
        self._spend(COMPARED)
        if self._tried % LOOK_EVERY == 1 and self.watch.is_over:
            raise OverError
        theirs = asked.answer
        if candidate.slips and not isinstance(theirs, Returned):
            return False
        wrong = self.answer(candidate, asked.call)
        if isinstance(theirs, Raised) and isinstance(wrong, Raised):
            alike = (theirs.type, theirs.text) == (wrong.type, wrong.text)  # other shapes, another mistake
            return alike and asked.clause is not None
        if not (isinstance(theirs, Returned) and isinstance(wrong, Returned)):
            return False
        if self.probe(asked).is_far(ends_of(wrong.value)):
            return False
        self._spend(AGREED)
        with (
            self.watch if self._is_large(asked) else nullcontext()
        ):  # to look at the clock takes longer than a few
            if not agrees(theirs.value, wrong.value, self._tolerance(asked.call, theirs.value, wrong.value)):
                return False
            held = check.judge(self.exercise, asked.call, wrong, asked.truth) is None
            return held == (asked.clause is None)

    def gives(self, candidate: Candidate, asked: AskedCall) -> bool:
        """Whether a candidate returns the student's value, be an argument changed or not."""
        theirs, wrong = asked.answer, self.answer(candidate, asked.call)
        if not (isinstance(theirs, Returned) and isinstance(wrong, Returned)):
            return False
        with self.watch:
            return agrees(theirs.value, wrong.value, self._tolerance(asked.call, theirs.value, wrong.value))

    def same(self, one: Candidate, other: Candidate, calls: list[Call]) -> bool:
        """Whether two candidates give the same answers."""
        for call in calls:
            a, b = self.answer(one, call), self.answer(other, call)
            if not (isinstance(a, Returned) and isinstance(b, Returned)):
                return False
            if not agrees(a.value, b.value, self._tolerance(call, a.value, b.value)):
                return False
        return True

    def _plain(self, function: Function, call: Call) -> Answer:
        key = (id(function), id(call))
        if key not in self._answers:
            self._count(call)
            self._kept.append(function)
            answer = self._answer_of(function, call)
            value = answer.value if isinstance(answer, Returned) else 0.0
            large = not isinstance(value, float) and size_of(value) > MAX_KEPT
            self._answers[key] = NOTHING if large else answer
        return self._answers[key]

    def _answer_of(self, function: Function, call: Call) -> Answer:
        """Return the answer to a call, with a copy of the arguments only for a function that writes into them."""
        if id(call) not in self._protected:
            self._protected[id(call)] = _protected(call)
        given = self._protected[id(call)]
        with finite_matrices():
            if given is None:
                return quiet_answer_of(function, call)
            try:
                return Returned(called(function, *given.args, **given.kwargs))
            except (Exception, SystemExit) as error:  # noqa: BLE001  # as in quiet_answer_of
                if READ_ONLY in str(error):
                    return quiet_answer_of(function, call)
                return Raised(type(error).__name__, str(error))

    def is_short(self, candidate: Candidate, call: Call) -> bool:
        """Whether a mistake takes few more operations than the right function, as far as one can see."""
        formula = formula_of(self.exercise.reference)
        function = candidate.over(formula.function) if formula and candidate.over else None
        if formula is None or function is None:
            return True
        with finite_matrices():
            operations = formula.operations_in(lambda _: quiet_answer_of(function, call))
            return operations <= LONG * formula.operations_in(lambda right: quiet_answer_of(right, call))

    def _count(self, call: Call) -> None:
        """Count the work of a call, which is that of the right formula."""
        if id(call) not in self._operations:
            self._operations[id(call)] = self._work_of(call)
        self._spend(self._operations[id(call)])

    def _spend(self, work: int) -> None:
        """Count some work; end the search if there was too much."""
        self.work += work
        self._since += work
        if self.limit and (self.work > self.limit.work or (self._since > LOOK_AFTER and self._look())):
            raise LimitError

    def _work_of(self, call: Call) -> int:
        """Return the work of a call: its operations, each more the more numbers there are."""
        formula = formula_of(self.exercise.reference)
        if formula is None:
            return CALLED
        answers: list[Answer] = []
        operations = formula.operations_in(lambda right: answers.append(quiet_answer_of(right, call)))
        arrays = [value.size for value in call.values() if isinstance(value, np.ndarray)]
        return CALLED + operations * (1 + (sum(arrays) + numbers_of(answers[0]).size) // NUMBERS)

    def _look(self) -> bool:
        self._since = 0
        return self.limit is not None and self.limit.watch.is_over

    def lengths(self, call: Call) -> dict[str, int]:
        """Return the lengths of a call."""
        if id(call) not in self._counted:
            self._counted[id(call)] = lengths_of(self.exercise.reference, call)
        return self._counted[id(call)]

    def _tolerance(self, call: Call, theirs: Any, wrong: Any) -> Tolerance:
        dtypes = {getattr(value, "dtype", None) for value in (theirs, wrong)}
        key = (id(call), call.single or dtypes == {np.dtype(np.float32)})
        if key not in self._tolerances:
            right = self.exercise.tolerance(call, key[1])
            self._tolerances[key] = replace(right, relative=max(right.relative, RELATIVE))
        return self._tolerances[key]

    def _is_large(self, asked: AskedCall) -> bool:
        if id(asked) not in self._large:
            value = asked.answer.value if isinstance(asked.answer, Returned) else None
            self._large[id(asked)] = size_of(value) > SMALL
        return self._large[id(asked)]

    def probe(self, asked: AskedCall) -> Probe:
        """Return what tells a student's answer to a call from most others."""
        if id(asked) not in self._probes:
            value = asked.answer.value if isinstance(asked.answer, Returned) else None
            absolute = float(np.max(self._tolerance(asked.call, value, value).absolute, initial=0.0))
            self._probes[id(asked)] = Probe(*ends_of(value), largest(numbers_of(asked.answer)), absolute)
        return self._probes[id(asked)]


def _protected(call: Call) -> Call | None:
    """Return a call with arguments that nobody can write into; None if that can't be made of them."""
    if not all(isinstance(value, np.ndarray | float | int | str | None) for value in call.values()):
        return None

    def read_only(value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            return value
        twin = copy_layout(value)
        twin.flags.writeable = False
        return twin

    return Call(tuple(map(read_only, call.args)), {name: read_only(value) for name, value in call.kwargs.items()})


def renamed(
    candidate: Candidate, others: list[Candidate], exercise: Exercise, comparison: Comparison, calls: list[Call]
) -> Candidate:
    """Return an explanation with each slip on the answer as the first mistake or slip that is the same here.

    Sorting what is descending reverses it, and may be a known mistake: these are one explanation, not three.
    """
    right = Candidate((), exercise.reference)
    slips = {slip.name: right.with_slip(slip) for other in others for slip in other.slips}
    alike = [*known(exercise), *slips.values()]

    def first(part: Misconception | Slip) -> Misconception | Slip:
        if not isinstance(part, Slip) or part not in candidate.slips:
            return part
        alone = right.with_slip(part)
        return next((entry.parts[0] for entry in alike if comparison.same(entry, alone, calls)), part)

    return replace(candidate, parts=tuple(map(first, candidate.parts)))
