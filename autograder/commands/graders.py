"""Who grades a class: worker processes of this machine, or a cluster."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import click

from autograder.commands.console import say
from autograder.commands.opening import CannotGradeError, Opened, workers_for
from autograder.course import Course
from autograder.grading.batch import OneMachine
from autograder.grading.outcome import Outcome
from autograder.grading.workers import Earlier
from autograder.intake import SubmittedNotebook
from autograder.notebooks.source import Source


class Graders(Protocol):
    """Grades a class, and yields the outcomes in the given order."""

    def grade(
        self,
        course: Course,
        wanted: Sequence[tuple[SubmittedNotebook, Source]],
        jobs: int | None,
        earlier: Callable[[SubmittedNotebook], Earlier | None] = ...,
        idle: Callable[[], None] = ...,
        seconds: float | None = None,
    ) -> Generator[Outcome]: ...

    def slowest(self) -> tuple[str, float] | None: ...


class StoppedError(click.ClickException):
    """The cluster is gone in the midst of a run. The exit status is 1."""


@contextmanager
def graders_for(opened: Opened) -> Iterator[Graders]:
    """Open what grades a class, and close it afterwards.

    Raises
    ------
    CannotGradeError
        If it can't grade.
    StoppedError
        If a cluster ends before the class does.
    """
    if not opened.cluster:
        with workers_for(opened.settings, opened.pool) as workers:
            yield OneMachine(workers)
        return
    from autograder.cluster.address import AddressError, parsed  # noqa: PLC0415  # only where a cluster is named
    from autograder.cluster.connection import ClusterError, LostError  # noqa: PLC0415
    from autograder.cluster.graders import opened as opened_cluster  # noqa: PLC0415

    try:
        address = parsed(opened.cluster, insecure=opened.insecure_cluster)
        with opened_cluster(address, opened.settings, _tell, insecure=opened.insecure_cluster) as cluster:
            yield cluster
    except AddressError as error:
        raise click.UsageError(str(error)) from None
    except LostError as error:
        raise StoppedError(
            f"{error} What was graded is kept. Run the command again to grade the others."
        ) from None
    except ClusterError as error:
        raise CannotGradeError(str(error)) from None


def _tell(line: str) -> None:
    say(line, "yellow")
