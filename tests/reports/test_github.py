"""What GitHub shows: a summary within its limit, annotations that no student's text can forge."""

from __future__ import annotations

import msgspec
import pytest
from dozen import HOSTILE, HOSTILE_EVERYWHERE, PARTIAL, REFUSED, REPORTS, ZERO, check
from markdown_it import MarkdownIt

from autograder.reports.github import ANNOTATIONS, SUMMARY_BYTES, annotate, step_summary

RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
CLASS = [msgspec.structs.replace(REPORTS[n % 7], student=f"student {n}") for n in range(40)]


def rendered(text):
    return RENDERER.render(text)


def test_every_student_has_a_row():
    html = rendered(step_summary(CLASS))
    for report in CLASS:
        assert f"<td>{report.student}</td>" in html


def test_the_summary_of_one_submission_is_its_feedback():
    text = step_summary([PARTIAL])
    assert "Subtract each row's maximum before exp." in text
    assert "| student |" not in text


def test_what_is_lost_most_often_comes_first():
    rows = step_summary([PARTIAL, ZERO, ZERO]).partition("Most often lost")[2].splitlines()
    assert rows[4:6] == [
        "| softmax: matches the definition | 2 of 3 |",
        "| softmax: stays finite for large logits | 1 of 3 |",
    ]


@pytest.mark.parametrize("room", [SUMMARY_BYTES, 20_000, 3_000])
def test_a_summary_fits_and_is_cut_at_a_whole_row(room):
    many = [msgspec.structs.replace(PARTIAL, student=f"{n} {HOSTILE}") for n in range(4_000)]
    whole, cut = step_summary(many, room=1 << 30), step_summary(many, room=room)
    assert len(cut.encode("utf-8", "replace")) <= room < len(whole.encode("utf-8", "replace"))
    kept, note = cut.rstrip("\n").rsplit("\n\n", 1)
    assert whole.splitlines()[: len(kept.splitlines())] == kept.splitlines()
    assert note.startswith("*")
    assert "do not fit" in note
    missing = int(note.split()[0].removeprefix("*"))
    assert missing == len(whole.removesuffix("\n").split("\n")) - len(kept.split("\n"))


def test_a_summary_without_room_is_no_error():
    assert "do not fit" in step_summary(CLASS, room=-5)


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(
    "reports", [REPORTS, [HOSTILE_EVERYWHERE], [REFUSED, HOSTILE_EVERYWHERE.as_failed(HOSTILE)]]
)
def test_an_annotation_is_one_line_and_one_command(reports, named):
    for line in annotate(reports, named=named):
        assert len(line.splitlines()) == 1
        assert line.startswith("::error ")
        properties = line.split("::")[1].removeprefix("error ")
        assert [pair.partition("=")[0] for pair in properties.split(",")] in (["file", "title"], ["title"])
        assert "\x1b" not in line


def test_percent_signs_and_line_ends_are_escaped_as_github_wants():
    failed = msgspec.structs.replace(REFUSED, message="100 %\nof a,b:c", file="a,b:c%.ipynb")
    assert annotate([failed], named=True) == [
        "::error file=a%2Cb%3Ac%25.ipynb,title=could not be graded::100 %25%0Aof a,b:c"
    ]


def test_a_log_names_nobody_by_default():
    lines = annotate([*REPORTS, REFUSED], named=False)
    assert lines == [
        "::error title=2 of 13 notebooks could not be graded::The step's summary says which, and why."
    ]
    assert annotate([PARTIAL], named=False) == []


def test_a_step_has_ten_annotations_at_most():
    lost = [check(f"check {n}", False, "no") for n in range(30)]
    report = msgspec.structs.replace(PARTIAL, cells=[msgspec.structs.replace(PARTIAL.cells[0], checks=lost)])
    for reports in ([report], [REFUSED] * 30):
        lines = annotate(reports, named=True)
        assert len(lines) == ANNOTATIONS
        assert lines[-1].startswith("::notice title=21 more::")
