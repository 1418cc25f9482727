"""What Gradescope's metadata says of each folder, whatever a part of it lacks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from autograder.intake import Person, RefusedError
from autograder.intake import gradescope_export as module
from autograder.intake.gradescope_export import gradescope
from autograder.intake.model import DeliveredFile

ADA = {":name": "Ada M. Lovelace", ":sid": "1", ":email": "ada@x.edu"}


@pytest.mark.parametrize(
    ("submitter", "person"),
    [
        (ADA, Person(("1", "ada@x.edu"), "Ada M.", "Lovelace", "ada@x.edu")),
        (ADA | {":name": "Cher"}, Person(("1", "ada@x.edu"), None, "Cher", "ada@x.edu")),
        (ADA | {":name": ""}, Person(("1", "ada@x.edu"), None, None, "ada@x.edu")),
        (ADA | {":sid": " 1 "}, Person(("1", "ada@x.edu"), "Ada M.", "Lovelace", "ada@x.edu")),
        (ADA | {":sid": ""}, Person(("ada@x.edu",), "Ada M.", "Lovelace", "ada@x.edu")),
        (ADA | {":sid": "ada@x.edu"}, Person(("ada@x.edu",), "Ada M.", "Lovelace", "ada@x.edu")),
        (ADA | {":email": ["a"]}, Person(("1",), "Ada M.", "Lovelace", None)),
        ({":sid": "1"}, Person(("1",), None, None, None)),
    ],
)
def test_a_person_is_the_sid_else_the_address_and_the_last_word_of_the_name_is_the_last_name(submitter, person):
    assert module._people({":submitters": [submitter]}) == [person]


@pytest.mark.parametrize(
    "entry",
    [None, "text", [ADA], {}, {":submitters": "ada"}, {":submitters": ADA}, {":submitters": []}],
)
def test_an_entry_without_a_list_of_submitters_has_none(entry):
    assert module._people(entry) == []


def test_of_a_group_only_who_has_an_id_is_a_submitter():
    nobody = {":name": "No Body", ":sid": "", ":email": " "}
    people = module._people({":submitters": [nobody, "text", ADA, None, {":sid": "2"}]})
    assert [person.ids for person in people] == [("1", "ada@x.edu"), ("2",)]


@pytest.mark.parametrize(
    ("created", "time"),
    [
        ("2026-02-01 10:00:00.000000000 Z", datetime(2026, 2, 1, 10, tzinfo=UTC)),
        ("2026-02-01 10:00:00 -08:00", datetime(2026, 2, 1, 10, tzinfo=timezone(timedelta(hours=-8)))),
        ({"utc": "2026-02-01 10:00:00 Z", "time": "x"}, datetime(2026, 2, 1, 10, tzinfo=UTC)),
        ("2026-02-01 10:00:00 UTC", datetime(2026, 2, 1, 10, tzinfo=UTC)),
        ({"time": "2026-02-01 10:00:00 Z"}, None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (["2026-02-01 10:00:00 Z"], None),
    ],
)
def test_a_time_is_read_with_its_zone_or_is_unknown(created, time):
    assert module._time({":created_at": created}) == time
    assert module._time([created]) is None


def nested(depth):
    """A mapping of so many levels."""
    return ("a: {" + "b: {" * (depth - 2) + "}" * (depth - 1)).encode()


def test_metadata_may_be_fifty_levels_deep_and_no_deeper():
    assert list(module._load(nested(50))) == ["a"]
    with pytest.raises(ValueError, match="it is nested more than 50 deep"):
        module._load(nested(51))
    assert len(module._load(b"".join(b"s%d: {a: [b]}\n" % n for n in range(60)))) == 60


def test_what_is_wrong_with_metadata_is_one_line_of_at_most_200_letters():
    with pytest.raises(ValueError, match="maps no folders"):
        module._load(b"[1, 2]")
    with pytest.raises(ValueError, match=r"Ruby writes no tag tag:yaml\.org,2002:python") as error:
        module._load(b"a: !!python/none" + b"x" * 500)
    assert len(str(error.value)) == 200
    assert module._load(b"a: !ruby/object 1\nb: ! 2\nc: 007") == {"a": "1", "b": "2", "c": "007"}


def files(contents, problems=None):
    def opened(name):
        def read(limit):
            if isinstance(contents[name], Exception):
                raise contents[name]
            return contents[name].encode()

        return read

    return [
        DeliveredFile(name, Path(name), f"entry {name}", opened(name), (problems or {}).get(name))
        for name in contents
    ]


LIST = """submission_1:
  :submitters:
  - :sid: '1'
submission_2:
  :submitters: []
x.ipynb:
  :submitters:
  - :sid: '3'
"""


@pytest.mark.parametrize("root", ["", "assignment_47_export/"])
def test_only_what_lies_in_a_listed_folder_beside_the_list_is_a_submitters(root):
    names = ["submission_1/hw.ipynb", "submission_1/data/x.csv", "submission_2/hw.ipynb", "submission_3/hw.ipynb"]
    names += ["submission_3/x.csv", "x.ipynb"]
    given = {f"{root}{name}": "" for name in names}
    elsewhere = {"assignment_48_export/submission_1/other.ipynb": ""}
    uploads, refused = gradescope(files(given | {f"{root}submission_metadata.yml": LIST} | elsewhere))
    (upload,) = uploads
    assert (upload.student, sorted(upload.files)) == ("1", ["data/x.csv", "hw.ipynb"])
    assert upload.files["hw.ipynb"].name == f"{root}submission_1/hw.ipynb"
    said = {entry.label.removeprefix("entry "): entry.problem for entry in refused}
    unknown = "belongs to no submission in submission_metadata.yml."
    strays = [f"{root}submission_2/hw.ipynb", f"{root}submission_3/hw.ipynb", *elsewhere]
    assert said == dict.fromkeys(strays, unknown)


def test_a_file_with_a_problem_in_no_folder_is_named_by_it():
    given = files(
        {"submission_metadata.yml": LIST, "submission_3/x.csv": ""}, {"submission_3/x.csv": "is a link."}
    )
    assert [entry.problem for entry in gradescope(given)[1]] == ["is a link."]


@pytest.mark.parametrize(
    ("content", "problem", "said"),
    [
        (LIST, "is encrypted.", "is encrypted."),
        (RefusedError("x has changed"), None, "can't be opened."),
        ("[]", None, "is not the metadata of a Gradescope export: it maps no folders."),
    ],
)
def test_a_list_that_can_not_be_read_refuses_all_at_once(content, problem, said):
    given = files(
        {"submission_1/hw.ipynb": "", "submission_metadata.yml": content}, {"submission_metadata.yml": problem}
    )
    uploads, (refused,) = gradescope(given)
    assert uploads == []
    assert (refused.path.name, refused.label, refused.problem) == (
        *("submission_metadata.yml", "entry submission_metadata.yml", said),
    )


@pytest.mark.parametrize(
    "name",
    ["submission_metadata.yaml", "x/submission_metadata.yml", "assignment_x_export/submission_metadata.yml"],
)
def test_without_the_list_in_its_place_it_is_no_export(name):
    assert gradescope(files({name: LIST, "submission_1/hw.ipynb": ""})) is None
