"""A merge conflict is read as git writes it; markers that don't match up leave both sides unknown."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebook_files import as_bytes, code

from autograder.notebooks.conflict import find_conflict
from autograder.notebooks.notebook import UnreadableError, read

OURS, THEIRS = '"execution_count": 1', '"execution_count": 2'


def conflict(*, ancestor=False, label=" HEAD", end="\n"):
    """The lines of one conflict, as git writes them."""
    between = [f"|||||||{label and ' 1f2e3d'}", '"execution_count": null'] if ancestor else []
    lines = [f"<<<<<<<{label}", OURS, *between, "=======", THEIRS, f">>>>>>>{label and ' topic'}"]
    return "".join(line + end for line in lines)


@pytest.mark.parametrize("ancestor", [False, True])
@pytest.mark.parametrize("label", [" HEAD", ""])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_conflict_has_two_sides(ancestor, label, end):
    text = f"{{{end}{conflict(ancestor=ancestor, label=label, end=end)}}}"
    found = find_conflict(text)
    assert found.line == 2
    assert found.sides == (f"{{{end}{OURS}{end}}}", f"{{{end}{THEIRS}{end}}}")


def test_of_several_conflicts_each_side_is_taken_everywhere():
    found = find_conflict(f"a\n{conflict()}b\n{conflict(ancestor=True)}c")
    assert found.sides == (f"a\n{OURS}\nb\n{OURS}\nc", f"a\n{THEIRS}\nb\n{THEIRS}\nc")


def test_a_side_may_be_empty_and_a_conflict_may_end_the_file():
    assert find_conflict("<<<<<<< a\n=======\nx\n>>>>>>> b").sides == ("", "x\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"source": "<<<<<<< HEAD"}',
        "  <<<<<<< HEAD\n=======\n>>>>>>> b\n",
        "<<<<<<<< HEAD\n========\n>>>>>>>> b\n",
        "<<<<<<<HEAD\n",
        "=======\n>>>>>>> b\n|||||||\n",
    ],
)
def test_without_a_line_that_begins_one_there_is_no_conflict(text):
    assert find_conflict(text) is None


@pytest.mark.parametrize(
    "lines",
    [
        ["<<<<<<<"],
        ["<<<<<<<", "======="],
        ["<<<<<<<", ">>>>>>>"],
        ["<<<<<<<", "|||||||", ">>>>>>>"],
        ["<<<<<<<", "=======", "=======", ">>>>>>>"],
        ["<<<<<<<", "=======", "|||||||", ">>>>>>>"],
        ["<<<<<<<", "<<<<<<<", "=======", ">>>>>>>", "=======", ">>>>>>>"],
        ["<<<<<<<", "=======", ">>>>>>>", ">>>>>>>"],
        ["=======", "<<<<<<<", "=======", ">>>>>>>"],
        ["<<<<<<<", "=======", ">>>>>>>", "<<<<<<<"],
    ],
)
def test_markers_that_do_not_match_up_leave_both_sides_unknown(lines):
    found = find_conflict("".join(f"{line} x\ntext\n" for line in lines))
    assert found.sides is None
    assert found.line == 1 + 2 * lines.index("<<<<<<<")


def test_a_notebook_with_such_markers_is_refused_with_the_line():
    with pytest.raises(UnreadableError, match=r"a merge conflict \(<<<<<<< at line 2\) whose markers don't match"):
        read(b"{\n<<<<<<< HEAD\n<<<<<<< HEAD\n=======\n>>>>>>> b\n}")


def test_a_notebook_of_which_neither_side_is_one_is_refused():
    with pytest.raises(UnreadableError, match="neither side of it makes a notebook"):
        read(b"{\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> b\n}")


def test_a_notebook_whose_sides_differ_only_in_outputs_is_read_with_the_repair():
    """Here with the common ancestor, and with the line ends of Windows."""
    text = as_bytes(code("x = 1")).decode().replace(", ", ",\r\n")
    ours, theirs = '"execution_count": 3}', '"execution_count": null}'
    lines = ["", "<<<<<<< a", ours, "||||||| b", "0", "=======", theirs, ">>>>>>> c", ""]
    marked = text.replace(ours, "\r\n".join(lines))
    repairs = []
    assert read(marked.encode(), repairs)["cells"][0]["source"] == "x = 1"
    (repair,) = repairs
    assert "whose two sides differ in nothing that is graded" in repair


TEXTS = st.lists(st.sampled_from(["a", "b", "c", '"x": 1,', "", " <<<<<<<", "\r"]), max_size=6)


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize("style", [[], ["--diff3"], ["--zdiff3"]], ids=str)
def test_the_sides_of_what_git_writes_are_the_files_that_it_merged(style, tmp_path):
    same = "same\n" * 20
    written = {"ours": f"a\nb\n{same}c\n", "base": f"x\n{same}y\n", "theirs": f"a\nd\n{same}"}
    for name, text in written.items():
        (tmp_path / name).write_text(text)
    command = ["git", "merge-file", "-p", *style, "ours", "base", "theirs"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    if done.returncode > 127:
        pytest.skip(f"this git doesn't know {style[0]}")
    assert done.stdout.count("<<<<<<<") == 2
    assert find_conflict(done.stdout).sides == (written["ours"], written["theirs"])


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS, st.booleans(), TEXTS), min_size=1, max_size=4))
def test_each_side_is_what_was_written_into_it(parts):
    def text(lines):
        return "".join(f"{line}\n" for line in lines)

    marked, ours, theirs = "", "", ""
    for before, mine, other, ancestor, after in parts:
        base = "||||||| base\nold\n" if ancestor else ""
        marked += text(before) + f"<<<<<<< a\n{text(mine)}{base}=======\n{text(other)}>>>>>>> b\n" + text(after)
        ours += text(before) + text(mine) + text(after)
        theirs += text(before) + text(other) + text(after)
    assert find_conflict(marked).sides == (ours, theirs)
