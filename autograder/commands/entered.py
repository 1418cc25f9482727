"""The gradebook of a course as it is: opened only if there is one, and no assignment is generated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.commands.opening import CannotGradeError
from autograder.course import Course

if TYPE_CHECKING:
    from autograder.gradebook.gradebook import Gradebook

SQLITE = "sqlite:///"


@contextmanager
def entered_in(course: Course) -> Iterator[Gradebook | None]:
    """Open the gradebook of a course to read it; None if the course has none yet.

    Raises
    ------
    CannotGradeError
        If it can't be read.
    """
    from autograder.gradebook.connection import coursedir_of  # noqa: PLC0415  # nbgrader takes seconds to import
    from autograder.gradebook.database import NbgraderError, readable_errors  # noqa: PLC0415
    from autograder.gradebook.gradebook import Gradebook  # noqa: PLC0415

    url = coursedir_of(course).db_url
    if url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).exists():
        yield None
        return
    try:
        with readable_errors("The gradebook can't be read"), Gradebook(course) as gradebook:
            yield gradebook
    except NbgraderError as error:
        raise CannotGradeError(str(error)) from None
