"""``autograder similar``: look-alikes among submissions, ranked for a person to read; never a verdict."""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click

from autograder import intake
from autograder.commands.class_results import ResultsError, results_in
from autograder.commands.console import say
from autograder.commands.entered import entered_in
from autograder.commands.opening import CannotGradeError, open_course, refuse_unknown
from autograder.commands.options import STDOUT
from autograder.commands.progress import follow
from autograder.course import Course, CourseError
from autograder.gradebook.atomic import write_atomically
from autograder.intake import Collected, SubmittedNotebook
from autograder.notebooks import notebook
from autograder.reports.similar_page import Sides, similar_as_page
from autograder.results import Report
from autograder.similar.compare import Comparison, Pair, Work
from autograder.similar.mistakes import mistakes_in
from autograder.similar.model import Similar, SimilarCell, SimilarPair, to_json
from autograder.similar.parts import Questions
from autograder.similar.reading import NotReadError, Readers, add, forced_by

SIDE_BY_SIDE = 40
"""For how many pairs the page shows the cells."""
PRINTED = 10
SMALL = 20
"""In a smaller class, hardly anything is rare."""


@dataclass
class Person:
    """A student: what was handed in, and what was read of it."""

    student: str
    earlier: bool
    notebooks: list[SubmittedNotebook] = field(default_factory=list)
    work: Work = field(default_factory=Work)
    was_read: bool = False
    label: str = ""


def run(folder: Path | None, assignment: str, options: dict[str, Any]) -> int:
    """Compare the submissions of an assignment; print the most unusual pairs, and write what was asked for.

    Returns
    -------
    int
        The exit status: 1 if a submission could not be read.

    Raises
    ------
    CannotGradeError
        If there is no such assignment, nobody handed it in, or a file can't be read or written.
    """
    course = open_course(folder)
    refuse_unknown(course, [assignment])
    try:
        sources = {name: _questions(course, assignment, name) for name in course.assignments[assignment]}
        handed_in = [entry for s in course.students(assignment) for entry in course.handed_in(s, assignment)]
    except CourseError as error:
        raise CannotGradeError(str(error)) from None
    if not handed_in:
        raise CannotGradeError(f"Nobody has handed in “{assignment}” in {course.root}.")
    people = [*_people(handed_in), *_earlier(course, assignment, options["against"])]
    with Readers(sources, options["jobs"] or os.cpu_count() or 1) as readers:
        unread = _read(readers, people)
        people = [person for person in people if person.was_read]
        mistakes = _mistakes(course, assignment, people, options["results"])
        for person in people:
            person.work.earlier = person.earlier
            person.work.mistakes = mistakes.get(person.student, frozenset())
        _name(people, named=options["names"])
        forced = set[int]().union(*map(forced_by, sources.values()))
        comparison = Comparison([person.work for person in people], forced)
        pairs = comparison.ranked()
        found = _as_result(assignment, people, pairs)
        notes = list(_notes(people, unread, named=options["names"]))
        if options["json"]:
            _write(options["json"], to_json(found))
        if options["html"]:
            sides = dict(_sides(readers, people, comparison, pairs))
            _write(options["html"], similar_as_page(found, sides, notes).encode("utf-8", "replace"))
    if STDOUT not in (options["html"], options["json"]):
        _print(found, notes, options)
    return 1 if unread else 0


def _questions(course: Course, assignment: str, name: str) -> Questions:
    """Return the questions of a notebook, with the text of what students were given."""
    path = course.folder("release", assignment=assignment) / f"{name}.ipynb"
    released: tuple[str, ...] = ()
    with contextlib.suppress(OSError, notebook.UnreadableError):  # not released yet, or removed
        released = tuple(cell["source"] for cell in notebook.read(path.read_bytes())["cells"])
    return Questions(course.source(assignment, name), released)


# --- who is compared -------------------------------------------------------------------------------------


def _people(notebooks: Iterable[SubmittedNotebook], prefix: str = "", *, earlier: bool = False) -> list[Person]:
    people: dict[str, Person] = {}
    for entry in notebooks:
        person = people.setdefault(entry.student, Person(prefix + entry.student, earlier))
        person.notebooks.append(entry)
    return list(people.values())


def _earlier(course: Course, assignment: str, folders: Iterable[Path]) -> Iterator[Person]:
    """Yield who handed in the assignment in earlier years."""
    for folder in folders:
        if not folder.exists():
            raise CannotGradeError(f"There is no folder {folder}: --against names one of an earlier year.")
        found: Collected = intake.find_notebooks([folder], replace(course.expected, assignment=assignment))
        if not found.notebooks:
            raise CannotGradeError(f"{folder} holds no notebook of “{assignment}”.")
        yield from _people(found.notebooks, f"{folder.name}/", earlier=True)


def _name(people: Sequence[Person], *, named: bool) -> None:
    """Label everybody: by name, or by numbers in an order that tells nothing."""
    for letter, group in (("S", [p for p in people if not p.earlier]), ("E", [p for p in people if p.earlier])):
        numbers = list(range(1, len(group) + 1))
        random.SystemRandom().shuffle(numbers)
        for person, number in zip(group, numbers, strict=True):
            person.label = person.student if named else f"{letter}{number:03}"


def _read(readers: Readers, people: Sequence[Person]) -> list[tuple[Person, str]]:
    """Read every notebook; return who handed in one that can't be read, and why."""
    wanted = [(person, entry) for person in people for entry in person.notebooks]
    unread: list[tuple[Person, str]] = []
    answers = readers.prints([entry for _, entry in wanted])
    for (person, _), answer in zip(wanted, follow(answers, len(wanted), "reading"), strict=True):
        if isinstance(answer, NotReadError):
            unread.append((person, str(answer)))
        else:
            add(person.work, answer)
            person.was_read = True
    return unread


def _mistakes(
    course: Course, assignment: str, people: Sequence[Person], results: Path | None
) -> dict[str, frozenset[str]]:
    """Return the mistakes of each student, from a results file or from the gradebook; none where neither is."""
    reports: dict[str, list[Report]] = {}
    if results:
        try:
            for report in results_in(results):
                if report.assignment == assignment:
                    reports.setdefault(report.student, []).append(report)
        except ResultsError as error:
            raise CannotGradeError(str(error)) from None
    else:
        with entered_in(course) as gradebook:
            for person in people if gradebook and gradebook.knows(assignment) else ():
                for entry in person.notebooks if not person.earlier else ():
                    entered = gradebook.entered_report(entry.student, assignment, entry.notebook)  # type: ignore[union-attr]
                    reports.setdefault(person.student, []).extend([entered[1]] if entered else [])
    return {student: mistakes_in(found) for student, found in reports.items()}


# --- what comes out --------------------------------------------------------------------------------------


def _as_result(assignment: str, people: Sequence[Person], pairs: Sequence[Pair]) -> Similar:
    return Similar(
        assignment=assignment,
        students=sum(not person.earlier for person in people),
        pairs=[
            SimilarPair(
                a=people[pair.a].label,
                b=people[pair.b].label,
                score=pair.score,
                cells=[
                    SimilarCell(grade_id=name, score=score)
                    for name, score in sorted(pair.cells.items(), key=lambda item: -item[1])
                ],
                shared_mistakes=pair.mistakes,
            )
            for pair in pairs
        ],
    )


def _sides(
    readers: Readers, people: Sequence[Person], comparison: Comparison, pairs: Sequence[Pair]
) -> Iterator[tuple[int, Sides]]:
    """Yield the cells of the first pairs, with what the two share marked."""
    for place, pair in enumerate(pairs[:SIDE_BY_SIDE]):
        shared = comparison.shared(pair)
        one, other = (
            [cell for entry in people[number].notebooks for cell in readers.shown(entry, shared)]
            for number in (pair.a, pair.b)
        )
        yield place, (one, other)


def _notes(people: Sequence[Person], unread: Sequence[tuple[Person, str]], *, named: bool) -> Iterator[str]:
    count = sum(not person.earlier for person in people)
    if len(people) < 2:
        yield "Only one submission could be read: there is nothing to compare."
    elif count < SMALL:
        yield (
            f"{count} submissions are few: what is unusual can hardly be told, and scores mean little. "
            "More submissions, of earlier years perhaps (--against), help."
        )
    reasons: Mapping[str, list[str]] = {}
    for person, why in unread:
        reasons = {**reasons, why: [*reasons.get(why, []), person.student]}
    for why, students in reasons.items():
        who = ", ".join(students[:PRINTED]) if named else f"{len(students)}"
        yield f"Not compared: {who}. The notebook {why.rstrip('.')}."


def _print(found: Similar, notes: Iterable[str], options: dict[str, Any]) -> None:
    for note in notes:
        say(note)
    for place, pair in enumerate(found.pairs[:PRINTED], 1):
        cells = ", ".join(cell.grade_id for cell in pair.cells[:3])
        mistakes = f"; both made: {', '.join(pair.shared_mistakes)}" if pair.shared_mistakes else ""
        say(f"{place:3}. {pair.a} and {pair.b}: {pair.score:.3f} ({cells}{mistakes})")
    if not found.pairs:
        say("No two students share anything that is not shared by most.")
    else:
        say("A ranking for a person to read, and no verdict: look at the cells before you think anything.")
    for name in ("html", "json"):
        if options[name]:
            say(f"{name.upper()}: {options[name]}")


def _write(path: Path, content: bytes) -> None:
    if path == STDOUT:
        click.echo(content, nl=False)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
    except OSError as error:
        raise CannotGradeError(f"{path} can't be written: {error.strerror}.") from None
