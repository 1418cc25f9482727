"""A notebook's student and its notebook of the course are inferred from its path, name and cells."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from intake.deliveries import rejected, zipped
from notebook_files import as_bytes, code

from autograder import intake
from autograder.intake import Expected, Refused, SubmittedNotebook, find_notebooks, identify, identify_notebook
from autograder.intake.model import DeliveredFile, Person, Upload
from autograder.intake.roster import RosterEntry

ONE = {"softmax": ["softmax"]}
TWO = {"softmax": ["softmax"], "bayes": ["dice", "tests"]}


@pytest.mark.parametrize(
    ("path", "assignments", "assignment", "student", "wanted", "book"),
    [
        # nbgrader's own layout
        ("/x/submitted/ada/softmax/softmax.ipynb", TWO, None, "ada", "softmax", "softmax"),
        ("/ada/softmax/softmax.ipynb", TWO, None, "ada", "softmax", "softmax"),
        ("/x/submitted/ada/bayes/dice.ipynb", TWO, None, "ada", "bayes", "dice"),
        ("/x/submitted/ada/bayes/tests.ipynb", TWO, "bayes", "ada", "bayes", "tests"),
        # one folder a student
        ("/class/ada/softmax.ipynb", TWO, None, "ada", "softmax", "softmax"),
        ("/class/ada/dice.ipynb", TWO, None, "ada", "bayes", "dice"),
        ("/class/ada/softmax.ipynb", ONE, "softmax", "ada", "softmax", "softmax"),
        # one file a student
        ("/class/ada.ipynb", ONE, None, "ada", "softmax", "softmax"),
        ("/class/ada.ipynb", TWO, "softmax", "ada", "softmax", "softmax"),
        ("/class/softmax/ada.ipynb", TWO, None, "ada", "softmax", "softmax"),
        ("/class/ada lovelace.ipynb", ONE, None, "ada lovelace", "softmax", "softmax"),
        # what is named goes before the folder that it lies in
        ("/class/bayes/ada.ipynb", TWO, "softmax", "ada", "softmax", "softmax"),
        # written in a roundabout way
        ("/x/bob/../ada/./softmax/softmax.ipynb", TWO, None, "ada", "softmax", "softmax"),
    ],
)
def test_place_and_name_tell_student_and_assignment(path, assignments, assignment, student, wanted, book):
    assert identify_notebook(Path(path), assignments, assignment) == SubmittedNotebook(
        Path(path), student, wanted, book
    )


@pytest.mark.parametrize(
    ("path", "assignments", "assignment", "said"),
    [
        ("/class/ada.ipynb", TWO, None, "belongs to no assignment of the course; name one with --assignment"),
        ("/class/ada.ipynb", {}, None, "belongs to no assignment"),
        ("/class/ada.ipynb", TWO, "bayes", "is none of the notebooks of “bayes”: dice, tests"),
        ("/x/ada/bayes/softmax2.ipynb", TWO, None, "is none of the notebooks of “bayes”"),
    ],
)
def test_a_notebook_that_can_not_be_placed_is_refused_by_name(path, assignments, assignment, said):
    refused = identify_notebook(Path(path), assignments, assignment)
    assert isinstance(refused, Refused)
    assert refused.reason.startswith(path)
    assert said in refused.reason


def test_a_relative_path_is_placed_by_where_it_lies(tmp_path, monkeypatch):
    (tmp_path / "ada").mkdir()
    monkeypatch.chdir(tmp_path / "ada")
    assert identify_notebook(Path("softmax.ipynb"), ONE, None) == SubmittedNotebook(
        Path("softmax.ipynb"), "ada", "softmax", "softmax"
    )


def test_notebooks_are_found_below_folders_and_by_name(tmp_path):
    for name in (
        "ada/softmax/softmax.ipynb",
        "bob/softmax/softmax.ipynb",
        "bob/softmax/.ipynb_checkpoints/s.ipynb",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "ada" / "softmax" / "data.csv").touch()
    single = tmp_path / "eve.ipynb"
    single.touch()
    found = find_notebooks([tmp_path, single], Expected(ONE))
    assert [entry.student for entry in found.notebooks] == ["eve", "ada", "bob"], (
        "eve's is named twice, and graded once"
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("empty", "holds no notebooks"),
        ("nothing", "does not exist"),
        ("all.zip", "is no zip that can be read"),
        ("all.tar.gz", "is no zip, and no other archive is opened: unpack it"),
    ],
)
def test_paths_without_notebooks_are_refused_and_the_others_go_on(name, said, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "all.zip").touch()
    (tmp_path / "all.tar.gz").touch()
    good = tmp_path / "ada.ipynb"
    good.touch()
    collected = find_notebooks([tmp_path / name, good], Expected(ONE))
    (refused,), (found,) = collected.refused, collected.notebooks
    label = str(tmp_path / name) if name == "nothing" else ""  # a path that does not exist is the user's own word
    assert refused == Refused(tmp_path / name, refused.problem, label)
    assert said in refused.reason
    assert found.student == "ada"


def test_a_linked_folder_is_not_searched(tmp_path):
    (tmp_path / "real" / "ada").mkdir(parents=True)
    (tmp_path / "real" / "ada" / "softmax.ipynb").touch()
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    collected = find_notebooks([tmp_path / "linked"], Expected(TWO))
    assert [entry.path for entry in collected.refused] == [tmp_path / "linked"]
    assert not collected.notebooks


def test_folders_nested_without_end_are_refused(tmp_path):
    """Deeper than Python can recurse, and so for a folder of notebooks to be found."""
    here = Path.cwd()
    os.chdir(tmp_path)
    for _ in range(1500):
        os.mkdir("a")
        os.chdir("a")
    os.chdir(here)
    try:
        with pytest.raises(intake.RefusedError, match="nested more than"):
            intake.read_attachments(tmp_path)
        (refused,) = rejected(find_notebooks([tmp_path], Expected(ONE)))
        assert "nested more than" in refused.reason
    finally:
        subprocess.run(["rm", "-rf", str(tmp_path / "a")], check=True)


def test_a_name_that_is_not_utf8_is_refused(tmp_path):
    path = tmp_path / os.fsdecode(b"\xff.ipynb")
    path.write_bytes(b"{}")
    (refused,) = rejected(find_notebooks([path], Expected(ONE)))
    assert "is not UTF-8" in refused.reason
    assert refused.reason.encode()


def test_of_notebooks_with_other_names_only_so_much_is_parsed(tmp_path, monkeypatch):
    """A student may hand in any number of them. Those with a released name are found all the same."""
    marked = as_bytes(code("", metadata={"nbgrader": {"grade_id": "entropy", "grade": True}}))
    other = as_bytes(code("x" * 1000))
    monkeypatch.setattr(identify, "MAX_LOOKED_INTO", 3 * len(other))
    ids = {"softmax": frozenset({"softmax"}), "dice": frozenset({"dice"}), "tests": frozenset({"entropy"})}
    expected = Expected(TWO, grade_ids=lambda _, book: ids[book])

    def found(**contents):
        files = {f"ada/{name}.ipynb": content for name, content in contents.items()}
        return find_notebooks([zipped(tmp_path / "class.zip", files)], expected)

    (tests,) = found(a=other, b=other, mine=marked, c=other, d=other).notebooks
    assert (tests.path.name, tests.notebook) == ("mine.ipynb", "tests")
    refused = {entry.path.name: entry.problem for entry in rejected(found(a=other, b=other, c=other, mine=marked))}
    assert "by its name, and its cells were not read" in refused["mine.ipynb"]
    assert "by its name or its cells" in refused["a.ipynb"]
    (dice,) = found(a=other, b=other, c=other, mine=marked, dice=b"").notebooks
    assert dice.notebook == "dice"


# --- what an upload holds --------------------------------------------------------------------------------


def upload(*names, student="ada", contents=None, problems=None, **details):
    """An upload of files with these names; their contents and problems by name."""
    files = {
        name: DeliveredFile(
            name,
            Path("in") / name,
            name,
            lambda _, n=name: (contents or {}).get(n, b""),
            (problems or {}).get(name),
        )
        for name in names
    }
    return Upload(student, files, **details)


def outcome(given, expected=None):
    """The notebook or the end of the sentence for each file, by its name."""
    entries = identify.identify_upload(given, expected or Expected(TWO))
    return {
        entry.path.relative_to("in").as_posix(): (entry.assignment, entry.notebook)
        if isinstance(entry, SubmittedNotebook)
        else entry.problem
        for entry in entries
    }


ROSTER = {"77": RosterEntry("ada", Person(("77",), "Ada")), "ada@x.org": RosterEntry("lovelace", Person(("9",)))}


@pytest.mark.parametrize(
    ("ids", "student"),
    [(("77",), "ada"), (("1", "77"), "ada"), (("77", "ada@x.org"), "ada"), (("ada@x.org", "77"), "lovelace")],
)
def test_the_first_id_that_the_roster_knows_names_the_student(ids, student):
    given = upload("softmax.ipynb", student="platform-1", person=Person(ids))
    (entry,) = identify.identify_upload(given, Expected(TWO, roster=ROSTER))
    assert (entry.student, entry.upload.student) == (student, student)
    assert entry.upload.person == next(found.person for found in ROSTER.values() if found.student == student)


def test_who_is_in_no_roster_is_refused_also_where_it_is_empty_and_a_course_id_needs_none():
    said = {"a.txt": "belongs to a student who is not in the roster."}
    given = upload("softmax.ipynb", "a.txt", person=Person(("5",)))
    assert outcome(given, Expected(TWO, roster=ROSTER)) == said
    assert outcome(given, Expected(TWO, roster={})) == said
    assert outcome(given) == {"softmax.ipynb": ("softmax", "softmax")}
    unnamed = upload("softmax.ipynb")
    assert outcome(unnamed, Expected(TWO, roster={})) == {"softmax.ipynb": ("softmax", "softmax")}


@pytest.mark.parametrize(
    ("assignment", "wanted", "said"),
    [
        ("bayes", "softmax", {}),
        ("gone", "softmax", {}),
        ("softmax", "softmax", {"softmax.ipynb": ("softmax", "softmax")}),
        (None, "softmax", {"softmax.ipynb": ("softmax", "softmax")}),
        ("softmax", None, {"softmax.ipynb": ("softmax", "softmax")}),
        ("gone", None, {"softmax.ipynb": "is of “gone”, which the course doesn't have: softmax, bayes."}),
    ],
)
def test_an_upload_for_another_assignment_is_left_out_and_for_an_unknown_one_refused(assignment, wanted, said):
    assert outcome(upload("softmax.ipynb", assignment=assignment), Expected(TWO, wanted)) == said


def test_a_bad_id_is_named_once_at_the_first_file():
    said = outcome(upload("b.ipynb", "a.ipynb", student=".."))
    assert said == {"a.ipynb": "gives its student an id that can't be a folder's name."}


@pytest.mark.parametrize(
    ("names", "problems", "said"),
    [
        (["b.txt", "a.txt"], {}, {"a.txt": "came without a notebook."}),
        (["b.txt", "a.txt"], {"b.txt": "is a link."}, {"b.txt": "is a link."}),
        (["b.txt", "a.txt"], {"a.txt": "is a link.", "b.txt": "is big."}, {"b.txt": "is big."}),
    ],
)
def test_an_upload_without_a_notebook_says_what_is_wrong_with_it(names, problems, said):
    assert outcome(upload(*names, problems=problems)) == said


@pytest.mark.parametrize("archive", ["x.zip", "x.TAR.GZ", "deep/x.rar"])
def test_an_upload_of_an_archive_alone_says_that_it_is_not_opened(archive):
    (said,) = outcome(upload("a.txt", archive)).values()
    assert said.startswith("came without a notebook; an archive in it is not opened: unpack it there")


@pytest.mark.parametrize(
    ("names", "assignment", "said"),
    [
        # the name says it, also with what browsers and platforms add
        (
            ["dice.ipynb", "tests.ipynb"],
            None,
            {"dice.ipynb": ("bayes", "dice"), "tests.ipynb": ("bayes", "tests")},
        ),
        (["dice (1).ipynb"], None, {"dice (1).ipynb": ("bayes", "dice")}),
        (["dice-Copy1.ipynb"], None, {"dice-Copy1.ipynb": ("bayes", "dice")}),
        (["dice_Copy.ipynb"], None, {"dice_Copy.ipynb": ("bayes", "dice")}),
        (["dice-2.ipynb"], None, {"dice-2.ipynb": ("bayes", "dice")}),
        (["dice_10(2).ipynb"], None, {"dice_10(2).ipynb": ("bayes", "dice")}),
        # the folder says it, and no other assignment's notebook is in there
        (["bayes/softmax.ipynb", "x/dice.ipynb"], None, {"x/dice.ipynb": ("bayes", "dice")}),
        # the only one left may have any name
        (["mine.ipynb"], "softmax", {"mine.ipynb": ("softmax", "softmax")}),
        (["softmax/mine.ipynb"], None, {"softmax/mine.ipynb": ("softmax", "softmax")}),
        (["mine.ipynb"], "bayes", {"mine.ipynb": identify.UNKNOWN}),
        (["mine.ipynb"], None, {"mine.ipynb": identify.UNKNOWN}),
        (["mine.ipynb", "ours.ipynb"], "softmax", dict.fromkeys(["mine.ipynb", "ours.ipynb"], identify.UNKNOWN)),
        (["softmax.ipynb", "mine.ipynb"], "softmax", {"softmax.ipynb": ("softmax", "softmax")}),
        (["dice.ipynb", "mine.ipynb"], "bayes", {"dice.ipynb": ("bayes", "dice")}),
        # another assignment's folder
        (["bayes/dice.ipynb"], "softmax", {}),
        (["bayes/dice.ipynb", "bayes/x.ipynb"], "softmax", {}),
        (
            ["bayes/dice.ipynb", "x/y.ipynb", "x/z.ipynb"],
            "softmax",
            dict.fromkeys(["bayes/dice.ipynb", "x/y.ipynb", "x/z.ipynb"], identify.UNKNOWN),
        ),
    ],
)
def test_an_uploads_notebooks_are_matched_by_folder_and_name_else_as_the_only_one_left(names, assignment, said):
    assert outcome(upload(*names), Expected(TWO, assignment)) == said


@pytest.mark.parametrize(
    ("released", "submitted", "match"),
    [
        ({"dice": "abcd"}, "ab", "dice"),
        ({"dice": "abcd"}, "a", None),
        ({"dice": "abcd"}, "abcdxyz", "dice"),
        ({"dice": "abcd", "tests": "abc"}, "abc", "tests"),
        ({"dice": "ab", "tests": "cd"}, "abcd", None),
        ({"dice": "", "tests": "cd"}, "xy", None),
        ({}, "ab", None),
    ],
)
def test_cells_tell_a_notebook_if_at_least_half_are_there_and_no_other_has_as_large_a_part(
    released, submitted, match, monkeypatch
):
    monkeypatch.setattr("autograder.envelope.fork.in_fork", lambda work, _: json.dumps(work()))
    content = as_bytes(*(code("", metadata={"nbgrader": {"grade_id": ident}}) for ident in submitted), code("x"))
    expected = Expected(TWO, grade_ids=lambda _, book: frozenset(released[book]))
    options = [("bayes", book) for book in released]
    found = identify.match_cells(content, options, expected)
    assert found == (("bayes", match) if match else None)


def test_a_file_that_must_not_be_opened_has_no_cells():
    given = upload("a.ipynb", "b.ipynb", contents={"b.ipynb": b"x"}, problems={"a.ipynb": "is a link."})
    assert [identify._content(file) for file in given.files.values()] == [b"", b"x"]
