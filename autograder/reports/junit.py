"""Results as JUnit XML, which GitLab, Jenkins and GitHub actions show: a test case for each check."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from junitparser import Attr, Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from autograder.reports.text import marks
from autograder.results import CellResult, CheckResult, FileResult, Report

LIMIT = 30_000_000
"""In bytes. GitLab does not read a larger file."""
CUTS = ((8_000, True), (800, True), (80, True), (80, False))
"""The most characters of a message, and whether passed checks are listed. The first pair that fits is used."""

_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Case(TestCase):
    file = Attr()


@dataclass(frozen=True)
class _Verdict:
    """The content of a test case."""

    name: str
    outcome: type[Failure | Skipped | Error] | None
    message: str
    kind: str | None = None


def reports_as_junit(reports: Iterable[Report], refused: Iterable[str] = (), limit: int = LIMIT) -> bytes:
    """Write a test suite for each notebook: a test case for each check, and one for each cell without checks.

    GitLab keeps one test case of each name, so a name holds student, notebook, cell and check.

    Parameters
    ----------
    reports
        The reports of what was graded.
    refused
        A sentence for each path that was not opened, or has no student or assignment. Each becomes an error.
    limit
        The maximum size, in bytes.
    """
    kept, reasons = list(reports), list(refused)

    def suites(write: _Writer) -> list[tuple[TestSuite, float]]:
        timed = [(write.report(report), report.seconds) for report in kept]
        return [*timed, (write.refused(reasons), 0.0)] if reasons else timed

    return _within(limit, suites)


def files_as_junit(results: Iterable[FileResult], limit: int = LIMIT) -> bytes:
    """Write a test suite for each file, with a test case for each check."""
    kept = list(results)
    return _within(limit, lambda write: [(write.file(result), result.seconds) for result in kept])


def _within(limit: int, suites: Callable[[_Writer], list[tuple[TestSuite, float]]]) -> bytes:
    content = b""
    for cut, whole in CUTS:
        document = JUnitXml("autograder")
        timed = suites(_Writer(cut, whole=whole))
        for suite, seconds in timed:
            document.add_testsuite(suite)
            suite.time = round(seconds, 3)  # the time of a notebook is known, that of a check is not
        document.tests = sum(suite.tests for suite, _ in timed)
        document.failures = sum(suite.failures for suite, _ in timed)
        document.errors = sum(suite.errors for suite, _ in timed)
        document.time = round(sum(seconds for _, seconds in timed), 3)
        written = io.BytesIO()
        document.write(written)
        content = written.getvalue().replace(b"><", b">\n<") + b"\n"  # in a text or an attribute ">" is "&gt;"
        if len(content) <= limit:
            break
    return content


class _Writer:
    """Makes the test suites of one document, in which every name is unique."""

    def __init__(self, cut: int, *, whole: bool) -> None:
        self.cut, self.whole = cut, whole
        self.names: set[str] = set()
        self.times: Counter[str] = Counter()
        """How often each name has been there before."""

    def report(self, report: Report) -> TestSuite:
        place = f"{report.assignment}/{report.notebook}"
        suite = _suite(f"{report.student}: {place}", report, report.repairs)
        for cell in report.cells or [_nothing(report)]:
            classname = f"{report.assignment}.{report.notebook}.{cell.grade_id}"
            start = f"{report.student}: {report.notebook}/{cell.grade_id}"
            self._fill(suite, _of_cell(cell, failed=report.status == "failed"), start, classname, report.file)
        return suite

    def file(self, result: FileResult) -> TestSuite:
        suite = _suite(result.file, result)
        verdicts = [_of_check(check) for check in result.checks]
        if result.message or not verdicts:
            outcome = None if result.passed else Error if result.isolation is None else Failure
            verdicts = [_Verdict("", outcome, result.message or "")]
        start = f"{result.file}: {result.exercise}"
        self._fill(suite, verdicts, start, result.exercise, result.file)
        return suite

    def refused(self, reasons: Iterable[str]) -> TestSuite:
        name = "could not be opened or placed"
        suite = TestSuite(name)
        self._fill(suite, [_Verdict("", Error, reason) for reason in reasons], name, "intake", "")
        return suite

    def _fill(self, suite: TestSuite, verdicts: Iterable[_Verdict], start: str, classname: str, file: str) -> None:
        cases: list[TestCase] = []
        for verdict in verdicts:
            if not (self.whole or verdict.outcome):
                continue
            name = self._unique(_line(f"{start}: {verdict.name}" if verdict.name else start))
            case = _Case(name, _line(classname))
            if file:
                case.file = _line(file)
            if verdict.outcome:
                text = _clean(verdict.message)[: self.cut]
                element = verdict.outcome(text.partition("\n")[0] or None, verdict.kind and _line(verdict.kind))
                element.text = text
                case.result = element
            cases.append(case)
        suite.add_testcases(cases)

    def _unique(self, name: str) -> str:
        candidate = name
        while candidate in self.names:
            self.times[name] += 1  # never counts again from the start: a name may be there 100,000 times
            candidate = f"{name} ({self.times[name] + 1})"
        self.names.add(candidate)
        return candidate


def _suite(name: str, result: Report | FileResult, repairs: Iterable[str] = ()) -> TestSuite:
    suite = TestSuite(_line(name))
    suite.add_property("marks", marks(result.score, result.max_score))
    suite.add_property("isolation", result.isolation or "nothing was run")
    for repair in repairs:
        suite.add_property("repaired", _line(repair))
    return suite


def _nothing(report: Report) -> CellResult:
    """Return one cell that stands for a notebook without known cells."""
    return CellResult(
        grade_id=report.notebook,
        exercise=None,
        mode="sealed",
        score=report.score,
        max_score=report.max_score,
        message=report.message,
    )


def _of_cell(cell: CellResult, *, failed: bool) -> Iterator[_Verdict]:
    """Yield the verdicts on a cell: an error if it could not be graded, skipped if a person has to mark it."""
    if cell.checks and not cell.message:
        yield from map(_of_check, cell.checks)
    elif failed:
        yield _Verdict("", Error, cell.message or "")
    elif cell.score is None:
        yield _Verdict("", Skipped, cell.message or "waits to be marked by a person")
    else:
        lost = cell.score < cell.max_score
        message = cell.message or (marks(cell.score, cell.max_score) if lost else "")
        yield _Verdict("", Failure if lost else None, message, " ".join(cell.misconceptions) or None)


def _of_check(check: CheckResult) -> _Verdict:
    outcome = {True: None, False: Failure, None: Skipped}[check.passed]
    return _Verdict(check.name, outcome, check.message or "", check.misconception)


def _line(text: str) -> str:
    return " ".join(_clean(text).split())


def _clean(text: str) -> str:
    """Replace characters that XML can't hold, and normalise line ends."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))
