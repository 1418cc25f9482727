"""A dozen Reports in every format, compared with committed files."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest
from conftest import CHECKOUT
from dozen import CANVAS, DOZEN, MOODLE, REPORTS

from autograder.reports.canvas import into_canvas
from autograder.reports.github import annotate, step_summary
from autograder.reports.gradescope import as_gradescope
from autograder.reports.junit import reports_as_junit
from autograder.reports.mark import marks_from_reports
from autograder.reports.markdown import report_as_markdown
from autograder.reports.moodle import into_moodle
from autograder.reports.page import STYLE, report_as_page
from autograder.reports.sheet import Sheet
from autograder.reports.table import as_table
from autograder.results import to_json

PICTURE = re.compile(r"(data:image/svg\+xml;base64,)[A-Za-z0-9+/=]+")
"""A picture's bytes depend on the version of the drawing library."""
SOFTMAX = [entry for entry in marks_from_reports(REPORTS) if entry.assignment == "softmax"]


def written(text):
    return text.encode("utf-8", "replace")


def test_results(golden):
    lines = [to_json(report) for report in REPORTS]
    golden("results.jsonl", written("".join(f"{line}\n" for line in lines)))
    schema = jsonschema.Draft202012Validator(json.loads((CHECKOUT / "results.schema.json").read_text()))
    for line in lines:
        schema.validate(json.loads(line))


def test_junit(golden):
    golden("junit.xml", reports_as_junit(REPORTS))


def test_summary(golden):
    golden("summary.md", written(step_summary(REPORTS, ["strange.zip holds no notebooks."])))


@pytest.mark.parametrize("named", [True, False])
def test_annotations(golden, named):
    lines = annotate(REPORTS, named=named)
    golden("annotations.txt" if named else "annotations-unnamed.txt", written("\n".join(lines) + "\n"))


def test_table(golden):
    golden("marks.csv", written(as_table(marks_from_reports(REPORTS))))


def test_canvas(golden):
    filled = into_canvas(Sheet.read(CANVAS.encode(), "export.csv"), SOFTMAX, "softmax")
    golden("canvas.csv", filled.sheet.write())
    said = [f"{filled.written} written", *filled.notes, *filled.without_mark, *filled.not_written]
    golden("canvas.txt", written("\n".join(said) + "\n"))


def test_moodle(golden):
    filled = into_moodle(Sheet.read(MOODLE.encode(), "worksheet.csv"), SOFTMAX)
    golden("moodle.csv", filled.sheet.write())
    said = [f"{filled.written} written", *filled.notes, *filled.without_mark, *filled.not_written]
    golden("moodle.txt", written("\n".join(said) + "\n"))


@pytest.mark.parametrize("kind", DOZEN)
def test_one_students(golden, kind):
    report = DOZEN[kind]
    content = json.dumps(as_gradescope([report]), ensure_ascii=False, indent=1) + "\n"
    golden(f"{kind}.gradescope.json", written(content))
    golden(f"{kind}.md", written(report_as_markdown(report)))
    golden(f"{kind}.html", written(PICTURE.sub(r"\1…", report_as_page(report).replace(STYLE, "…"))))
