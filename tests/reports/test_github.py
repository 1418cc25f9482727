"""What GitHub shows: a summary within its limit, annotations that no student's text can forge."""

from __future__ import annotations

import msgspec
import pytest
from dozen import BARE, HOSTILE, HOSTILE_EVERYWHERE, PARTIAL, PERFECT, REFUSED, REPORTS, ZERO, check
from markdown_it import MarkdownIt
from sampling import sampled

from autograder.reports.github import ANNOTATIONS, CUT, SUMMARY_BYTES, annotate, step_summary
from autograder.reports.markdown import WARNING, plain
from autograder.results import CellResult

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


@pytest.mark.parametrize("room", sampled([3_000, SUMMARY_BYTES, 20_000]))
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


def open_in(*reports, **options):
    return step_summary(list(reports), **options).splitlines()


def waiting(student, count, **fields):
    cells = [
        CellResult(grade_id=f"q{n}", exercise=None, mode="manual", score=None, max_score=1.0) for n in range(count)
    ]
    return msgspec.structs.replace(PERFECT, student=student, cells=[*PERFECT.cells, *cells], **fields)


@pytest.mark.parametrize(
    ("reports", "said"),
    [
        ([PARTIAL, ZERO], "**2 of 2** notebooks are graded, the median is 30 %."),
        ([PARTIAL, PERFECT, ZERO], "**3 of 3** notebooks are graded, the median is 60 %."),
        ([PARTIAL, REFUSED], "**1 of 2** notebooks are graded."),
        ([REFUSED, REFUSED], "**0 of 2** notebooks are graded."),
        ([waiting("a", 1), REFUSED], "**1 of 2** notebooks are graded, one answer waits for a person."),
        (
            [waiting("a", 2), waiting("b", 1, max_score=0.0)],
            "**2 of 2** notebooks are graded, 3 answers wait for a person.",
        ),
        ([waiting("a", 1).as_failed("It is old."), REFUSED], "**0 of 2** notebooks are graded."),
        ([BARE, REFUSED], f"**1 of 2** notebooks are graded. {WARNING}"),
    ],
)  # fmt: skip
def test_the_headline_counts_what_is_graded_and_what_waits(reports, said):
    """Partial is 1.5 of 2.5; the median is of those with a maximum, where there are two at least."""
    assert open_in(*reports)[2] == said


def test_each_assignment_has_a_headline_in_order_and_its_own_checks():
    other = msgspec.structs.replace(PARTIAL, assignment="bayes")
    lines = open_in(ZERO, other, PARTIAL)
    assert [line for line in lines if line.startswith("#")] == [
        "## bayes", "### Most often lost", "## softmax", "### Most often lost", "### Marks",
    ]  # fmt: skip
    assert "| softmax: stays finite for large logits | 1 of 1 |" in lines
    assert "| softmax: stays finite for large logits | 1 of 2 |" in lines


def test_ten_checks_are_listed_as_lost_and_no_more():
    lost = [check(f"check {n:02}", False, "no") for n in range(12)]
    report = msgspec.structs.replace(PARTIAL, cells=[msgspec.structs.replace(PARTIAL.cells[0], checks=lost)])
    assert [line for line in open_in(report, ZERO) if line.startswith("| softmax: check")] == [
        f"| softmax: check {n:02} | 1 of 2 |" for n in range(10)
    ]


def test_a_row_has_the_notebook_where_it_is_another_and_what_is_open():
    second = msgspec.structs.replace(PERFECT, student="c", notebook="part_2")
    lines = open_in(PERFECT, REFUSED, waiting("a", 2), second)
    assert lines[lines.index("### Marks") + 4 :] == [
        "| 4711 | softmax | 2.5 / 2.5 |  |",
        "| 4716 | softmax | not graded |  |",
        "| a | softmax | 2.5 / 2.5 + 2 open |  |",
        "| c | softmax/part_2 | 2.5 / 2.5 |  |",
        "",
    ]


def test_what_failed_was_refused_or_repaired_is_listed_with_every_sentence():
    both = msgspec.structs.replace(PERFECT, student="r", repairs=["one", "two"])
    lines = open_in(REFUSED, both, refused=["a.zip is *old*.", "b.zip is old."])
    start = lines.index("### Could not be graded")
    assert lines[start + 2 : start + 5] == [
        "| student | reason |",
        "|---|---|",
        f"| 4716 | {plain(REFUSED.message)} |",
    ]
    start = lines.index("### Could not be opened or placed")
    assert lines[start + 2 : start + 4] == ["- a.zip is \\*old\\*.", "- b.zip is old."]
    start = lines.index("### Repaired before grading")
    assert lines[start + 4 : start + 6] == ["| r | one |", "| r | two |"]
    for title in ("Could not be", "Repaired"):
        assert not any(title in line for line in open_in(PERFECT, PERFECT))


def test_one_submission_beside_a_refused_one_is_a_class():
    assert "### Marks" in open_in(PARTIAL, refused=["a.zip is old."])
    assert "### Marks" not in open_in(PARTIAL)
    assert step_summary([]) == "\n"


def test_annotations_of_one_submission_name_each_lost_check_and_cell():
    cells = [
        msgspec.structs.replace(PARTIAL.cells[0]),
        CellResult(
            grade_id="a", exercise=None, mode="in-process", score=0.0, max_score=1.0, message="It\nstopped."
        ),
        CellResult(grade_id="b", exercise=None, mode="in-process", score=1.0, max_score=1.0, message="It warned."),
        CellResult(grade_id="c", exercise=None, mode="manual", score=None, max_score=1.0, message="It waits."),
        CellResult(grade_id="d", exercise=None, mode="in-process", score=0.0, max_score=1.0),
    ]
    found = annotate([msgspec.structs.replace(PARTIAL, cells=cells, file="f")], named=True)
    assert [line.split("title=")[1].split("::")[0] for line in found] == [
        "softmax%3A stays finite for large logits", "a",
    ]  # fmt: skip
    assert found[1] == "::error file=f,title=a::It%0Astopped."
    assert annotate([PARTIAL, PARTIAL], named=True) == [], "of a class only what could not be graded"


def test_an_annotation_without_a_message_or_a_file_has_no_empty_part():
    bare = msgspec.structs.replace(REFUSED, message=None, file="")
    assert annotate([bare, bare], named=True) == ["::error title=could not be graded::See the feedback."] * 2
    of_ten = annotate([bare] * ANNOTATIONS, named=True)
    assert of_ten == ["::error title=could not be graded::See the feedback."] * ANNOTATIONS


def test_a_summary_that_just_fits_is_whole_and_one_byte_less_cuts_a_line():
    """Its size is that of its lines in UTF-8 and of the note that would say what is missing."""
    whole = step_summary([PARTIAL, msgspec.structs.replace(ZERO, student="日本")])
    count = whole.count("\n")
    size = len(whole.encode()) + len(CUT.format(left=count).encode())
    reports = [PARTIAL, msgspec.structs.replace(ZERO, student="日本")]
    assert step_summary(reports, room=size) == whole
    cut = step_summary(reports, room=size - 1)
    assert cut == "\n".join(whole.split("\n")[: count - 1]) + "\n\n" + CUT.format(left=1)


def test_assignments_come_in_order_however_many():
    names = ["d", "b", "g", "a", "f", "c", "e"]
    lines = open_in(*(msgspec.structs.replace(PERFECT, assignment=name) for name in names))
    assert [line for line in lines if line.startswith("## ")] == [f"## {name}" for name in sorted(names)]


def test_a_lost_check_without_a_message_points_to_the_feedback():
    cell = msgspec.structs.replace(PARTIAL.cells[0], checks=[check("a, b", False)])
    (line,) = annotate([msgspec.structs.replace(PARTIAL, cells=[cell], file="f")], named=True)
    assert line == "::error file=f,title=softmax%3A a%2C b::See the feedback."
