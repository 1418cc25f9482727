"""Paths on the command line that lead into the course's own folders."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from autograder.course import Course
from autograder.intake import Collected, Refused, SubmittedNotebook

NOTHING = "holds no notebook of the course."
BESIDE = "is no notebook of the course; the one beside it, with the released name, counts."


def place_in_submitted(course: Course, path: Path) -> Path | None:
    """Return where in the course's ``submitted/`` a folder or a notebook lies that a path names; else None.

    A notebook in no student's folder, and a zip, have no place there.
    """
    top = course.submitted_folder
    # The last part is not resolved: if it is a link, it is refused as one.
    real = path.absolute().parent.resolve() / path.name if path.name not in ("", "..") else path.resolve()
    for lexical, base in ((Path(os.path.abspath(path)), top), (real, top.parent.resolve() / top.name)):  # noqa: PTH100
        if lexical.is_relative_to(base) and os.path.lexists(path):
            place = top / lexical.relative_to(base)
            in_a_students_folder = place.suffix.lower() == ".ipynb" and place.parent != top
            return place if os.path.isdir(path) or in_a_students_folder else None  # noqa: PTH112
    return None


def only_below(submitted: Collected, below: Mapping[Path, Path]) -> Collected:
    """Keep what lies at or below some places of ``submitted/``; each place has a notebook or a reason why not."""
    places = below.values()
    all_entries: list[SubmittedNotebook | Refused] = [*submitted.notebooks, *submitted.refused]
    entries = [entry for entry in all_entries if any(entry.path.is_relative_to(place) for place in places)]
    for path, place in below.items():
        around = [entry for entry in submitted.refused if place.is_relative_to(entry.path)]
        if around:
            entries += around
        elif not any(entry.path.is_relative_to(place) for entry in entries):
            problem = "holds" if path.is_dir() else "is"
            entries.append(
                Refused(path, f"{problem} no notebook at a place where one of the course is looked for.")
            )
    return Collected.of(dict.fromkeys(entries))


def problem_of_own_folders(course: Course, paths: Iterable[Path]) -> str | None:
    """Return why a path is no submission: it is the course's own folder of notebooks, or lies in it; else None."""
    for path in paths:
        for step in ("source", "release"):
            if os.path.isdir(path) and path.resolve().is_relative_to(course.step_folder(step).resolve()):  # noqa: PTH112
                return (
                    f"{path} lies in the course's own {step}/: nobody handed it in, and nothing was graded. "
                    "Name what students handed in, or look at its marks with --no-gradebook."
                )
    return None
