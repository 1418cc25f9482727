"""The files that ``grade`` and ``check`` write: JUnit, Gradescope's results, feedback, a job's summary."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from autograder.commands.interrupts import ADVICE
from autograder.results import FileResult, Report, to_json

SUMMARY, ON_GITHUB = "GITHUB_STEP_SUMMARY", "GITHUB_ACTIONS"


class CannotWriteError(ValueError):
    """A file can't be written. The message says why."""


def refuse_early(options: dict[str, Any], submissions: set[tuple[str, str]]) -> None:
    """Refuse, before anything is graded, what could not be written afterwards.

    Raises
    ------
    CannotWriteError
        If there is no job with a summary, or Gradescope's file is for no submission or for several.
    """
    if options.get("github_summary") and not os.environ.get(SUMMARY):
        raise CannotWriteError(f"--github-summary needs a job on GitHub: {SUMMARY} is not set.")
    if options.get("gradescope") and len(submissions) > 1:
        raise CannotWriteError(
            f"--gradescope is about one submission, and these are {len(submissions)}: name one of them."
        )
    if options.get("gradescope") and not submissions:
        raise CannotWriteError("--gradescope is about one submission, and no notebook of the assignment is here.")
    for name in ("results", "junit", "gradescope", "feedback_dir"):
        if options.get(name):
            _refuse_unwritable(f"--{name.replace('_', '-')}", options[name], is_folder=name == "feedback_dir")


def _refuse_unwritable(option: str, path: Path, *, is_folder: bool) -> None:
    """Refuse a path that can't be written; folders on the way to it are made later."""
    if path.exists() and path.is_dir() != is_folder:
        raise CannotWriteError(
            f"{option} {path} is a {'file: name a folder' if is_folder else 'folder: name a file'}."
        )
    there = next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())
    if there != path.absolute() and not there.is_dir():
        raise CannotWriteError(f"{option} {path} can't be written: {there} is no folder.")
    if not os.access(there, os.W_OK):
        raise CannotWriteError(
            f"{option} {path} can't be written: {there} is read-only for you. Name a place where you may write."
        )


class ResultsFile:
    """The file of ``--results``, a line for each report; as a context manager it closes the file.

    Nothing is buffered: what is in the file stays readable if the command is stopped.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise CannotWriteError(_unwritten(path, error)) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, report: Report) -> None:
        """Write one report.

        Raises
        ------
        CannotWriteError
            If the disk is full, for one.
        """
        try:
            self._file.write(f"{to_json(report)}\n".encode("utf-8", "replace"))
        except OSError as error:
            raise CannotWriteError(_unwritten(self.path, error)) from None


def _unwritten(path: Path, error: OSError) -> str:
    return f"{path} can't be written: {error.strerror}. {ADVICE.get(error.errno or 0, '')}".rstrip()


def write_reports(
    reports: Sequence[Report], refused: Sequence[str], options: dict[str, Any], *, named: bool
) -> list[str]:
    """Write every file that the options name; return lines for the job's log.

    Parameters
    ----------
    reports
        The reports of what was graded.
    refused
        A sentence for each path that was not opened, or has no student or assignment.
    options
        Those of ``grade``.
    named
        Whether the log may name students.

    Raises
    ------
    CannotWriteError
        If a file can't be written.
    """
    if options.get("junit"):
        from autograder.reports.junit import reports_as_junit  # noqa: PLC0415  # junitparser is slow to import

        _write(options["junit"], reports_as_junit(reports, refused))
    if options.get("gradescope"):
        from autograder.reports.gradescope import as_gradescope  # noqa: PLC0415

        content = as_gradescope(reports, options["gradescope_visibility"])
        _write(options["gradescope"], _as_json(content))
    if options.get("feedback_dir"):
        write_feedback(reports, options["feedback_dir"])
    if not options.get("github_summary"):
        return []
    from autograder.reports.github import SUMMARY_BYTES, annotate, step_summary  # noqa: PLC0415

    path = Path(os.environ[SUMMARY])
    room = SUMMARY_BYTES - (path.stat().st_size if path.exists() else 0)
    _write(path, step_summary(reports, refused, room).encode("utf-8", "replace"), mode="ab")
    return annotate(reports, named=named) if os.environ.get(ON_GITHUB) == "true" else []


def write_results_of_files(results: Sequence[FileResult], junit: Path) -> None:
    """Write the JUnit file of ``autograder check``."""
    from autograder.reports.junit import files_as_junit  # noqa: PLC0415

    _write(junit, files_as_junit(results))


def write_feedback(reports: Sequence[Report], folder: Path) -> None:
    """Write a ``.md`` and a ``.html`` for each Report, in the folders that nbgrader uses for feedback."""
    from autograder.reports.markdown import report_as_markdown  # noqa: PLC0415
    from autograder.reports.page import report_as_page  # noqa: PLC0415

    for report in reports:
        place = folder / _as_name(report.student) / _as_name(report.assignment)
        name = _as_name(report.notebook)
        _write(place / f"{name}.md", report_as_markdown(report).encode("utf-8", "replace"))
        _write(place / f"{name}.html", report_as_page(report).encode("utf-8", "replace"))


def _as_name(text: str) -> str:
    """Return a text as one component of a path; it never leads out of the folder."""
    name = re.sub(r"[/\\\x00-\x1f]", "_", text)
    return name if name.strip(". ") else f"_{name}"


def _as_json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _write(path: Path, content: bytes, mode: str = "wb") -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open(mode) as file:
            file.write(content)
    except OSError as error:
        raise CannotWriteError(_unwritten(path, error)) from None
