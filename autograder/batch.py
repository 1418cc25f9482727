"""Many submissions: graded side by side, handed back in the order in which they came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from autograder import intake
from autograder.course import Course
from autograder.grading import Graded, Grader, Submission, failed
from autograder.intake import Found
from autograder.source import Source


def grade_all(
    grader: Grader, course: Course, wanted: Iterable[tuple[Found, Source]], jobs: int
) -> Iterator[tuple[Found, Graded]]:
    """Grade notebooks in parallel, each in a process of its own.

    Parameters
    ----------
    grader
        Holds the settings; shared by all.
    course
        Where the files beside the notebooks come from.
    wanted
        Each notebook with the instructor's cells.
    jobs
        How many run at the same time.

    Yields
    ------
    Found, Graded
        In the given order; one bad notebook costs the others nothing.
    """
    with ThreadPoolExecutor(max_workers=jobs) as threads:
        waiting: list[tuple[Found, Future[Graded]]] = []
        for found, source in wanted:
            waiting.append((found, threads.submit(grade_one, grader, course, found, source)))
        try:
            for found, future in waiting:
                yield found, future.result()
        finally:
            threads.shutdown(wait=True, cancel_futures=True)


def grade_one(grader: Grader, course: Course, found: Found, source: Source) -> Graded:
    """Read and grade one notebook; a fault of the grader's own becomes a failed report, too."""
    where = found.path.absolute()
    file = str(where.relative_to(course.root) if where.is_relative_to(course.root) else found.path)
    known = Submission(b"", found.student, found.assignment, found.notebook, file)
    try:
        files = course.files_for(found)
        content = intake.read_file(found.path)
        return grader.grade(source, replace(known, content=content, files=files))
    except intake.RefusedError as error:
        return Graded(failed(source, known, str(error)), None)
    except Exception as error:  # noqa: BLE001  # whatever went wrong, a verdict is recorded and the others go on
        message = f"{file} could not be graded: a fault of the grader ({type(error).__name__}: {error})."
        return Graded(failed(source, known, message), None)
