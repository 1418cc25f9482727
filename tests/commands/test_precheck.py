"""What a student may check: said in sentences, by a file that needs nothing of this package."""

from __future__ import annotations

import ast
import copy
import json
import shutil
import signal
import subprocess
import sys

import pytest
from conftest import CHECKOUT
from grades import cell_of, with_cell
from notebook_files import as_bytes, code
from sampling import sampled

from autograder import exercises
from autograder.commands.demo import submissions
from autograder.commands.precheck import checks, notebooks, running
from autograder.commands.release import precheck_script, released_cells, secret_lines
from autograder.course import Course
from autograder.exercises import TOPICS
from autograder.intake.files import MAX_NOTEBOOK
from autograder.notebooks import notebook
from autograder.sandbox.policy import Limits

SCRIPT = CHECKOUT / "release" / "precheck.py"
ALONE = """
import runpy, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("autograder", "solutions"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a script where this package can't be imported."""


@pytest.fixture(scope="session")
def released():
    return released_cells(Course(CHECKOUT))


@pytest.fixture
def saved(tmp_path):
    """Save a notebook beside the assignment's figures, and return its path."""

    def save(book, name="softmax.ipynb"):
        shutil.copy(CHECKOUT / "release" / "softmax" / "figures.py", tmp_path)
        path = tmp_path / name
        path.write_bytes(book if isinstance(book, bytes) else submissions.write(book))
        return path

    return save


def found(path, released, **options):
    """What is found in a notebook without running it: name → message."""
    findings = {}
    for finding in checks.examine(path, released, **options):
        findings[finding.name] = finding
        if finding.name == "its kernel is Python":
            break
    return findings


def only_fault(path, released, **options):
    findings = [finding for finding in found(path, released, **options).values() if finding.status != "pass"]
    assert len(findings) == 1, findings
    return findings[0]


def alone(script, *words):
    """Run the shipped file as a student would, where this package is not installed."""
    command = [sys.executable, "-I", "-c", ALONE, str(script), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)


# --- the file that ships ---------------------------------------------------------------------------------


def test_the_shipped_file_is_fresh():
    assert SCRIPT.read_text(encoding="utf-8") == precheck_script(Course(CHECKOUT)), "run make release"


def test_the_shipped_file_needs_only_the_standard_library_and_jupyters_own_packages():
    nodes = ast.walk(ast.parse(SCRIPT.read_text(encoding="utf-8")))
    names = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    nodes = ast.walk(ast.parse(SCRIPT.read_text(encoding="utf-8")))
    names |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    packages = {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"__future__"}
    assert packages == {"nbformat", "nbclient", "jupyter_client"}


def test_the_shipped_file_holds_no_line_of_a_solution_or_a_hidden_test():
    course = Course(CHECKOUT)
    lines = {line.strip() for line in SCRIPT.read_text(encoding="utf-8").splitlines()}
    for assignment, names in course.assignments.items():
        for name in names:
            path = course.folder("source", assignment=assignment) / f"{name}.ipynb"
            assert not lines & secret_lines(notebook.read(path.read_bytes()))


def test_it_allows_what_the_grader_allows():
    assert checks.MAX_BYTES == MAX_NOTEBOOK
    assert Limits().submission_seconds == running.ALL_SECONDS
    assert Limits().cell_seconds <= running.CELL_SECONDS  # the student's machine may be slower


@pytest.mark.slow
def test_a_perfect_notebook_is_in_order_where_this_package_is_not_installed(saved, perfect):
    """An answer that a person will read is a reminder while it isn't written, and decides nothing."""
    half = copy.deepcopy(perfect)
    cell_of(half, "double-softmax-answer")["source"] = "Because it is so."
    ran = alone(SCRIPT, saved(half))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "✗" not in ran.stdout
    assert ran.stdout.endswith("Next: write the answer “saturation-answer”.\n")
    reminders = [line for line in ran.stdout.splitlines() if line.startswith("·")]
    assert reminders == ["· the answer “saturation-answer” is written: not done yet; a person will read it."]
    assert "✓ the answer “double-softmax-answer” is written" in ran.stdout
    assert "✓ the check “softmax-visible” passes" in ran.stdout
    assert "All is in order." in ran.stdout
    assert ran.stderr == ""


@pytest.mark.slow
def test_an_untouched_release_is_whole_but_not_done(saved, lean):
    """A stub's NotImplementedError is no fault, and neither is what waits for it."""
    blank = with_cell(with_cell(lean, "p = softmax(np.zeros((2, 2)))"), "print(p)", "later")
    path = saved(blank)
    ran = alone(SCRIPT, path, "--json")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    result = json.loads(ran.stdout)
    assert result["status"] == "todo"
    by_name = {check["name"]: check for check in result["checks"]}
    assert by_name["locked cells are as they were released"]["status"] == "pass"
    assert by_name["it runs from top to bottom"]["status"] == "todo"
    assert by_name["the check “softmax-visible” passes"]["message"] == "not done yet."
    assert not by_name["the answer “saturation-answer” is written"]["judged"]
    assert path.read_bytes() == submissions.write(blank), "the student's file stays as it was"


# --- what it finds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty, cut off or damaged"),
        (b'{"cells": [{"cell_', "it is empty, cut off or damaged"),
        (b"\xff\xfe\x00PDF", "it is not text."),
        (b'{"a": 1}', "it is JSON, but not a notebook"),
        (b'{"cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "it is JSON, but not a notebook"),
        (b"[1, 2]", "it is JSON, but not a notebook"),
        (b'{"cells": [3], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "it is JSON, but not a notebook"),
    ],
)
def test_a_file_that_is_no_notebook_is_refused_with_the_reason(saved, released, content, said):
    finding = only_fault(saved(content), released)
    assert finding.name == "it can be read as a notebook"
    assert finding.message.startswith(said)


def test_an_edited_locked_cell_is_named(saved, released, perfect):
    edited = copy.deepcopy(perfect)
    cell_of(edited, "softmax-visible")["source"] = "assert True"
    cell_of(edited, "logsumexp")["source"] += "\nprint('mine')"
    finding = only_fault(saved(edited), released)
    assert finding.message.startswith("edited: “softmax-visible”, “logsumexp”. Copy them")


def test_blanks_at_the_ends_of_lines_edit_nothing(saved, released, perfect):
    tidied = copy.deepcopy(perfect)
    for cell in tidied["cells"]:
        cell["source"] = cell["source"].replace("\n", "  \n") + "\n"
    assert all(finding.status == "pass" for finding in found(saved(tidied), released).values())


def test_a_retyped_answer_is_named(saved, released, perfect):
    edited = copy.deepcopy(perfect)
    cell = cell_of(edited, "saturation-answer")
    cell |= {"cell_type": "code", "outputs": [], "execution_count": None}
    assert "edited: “saturation-answer”" in only_fault(saved(edited), released).message


def test_deleted_and_doubled_cells_are_named(saved, released, perfect):
    changed = copy.deepcopy(perfect)
    changed["cells"] = [cell for cell in changed["cells"] if notebook.grade_id_of(cell) != "log_softmax"]
    changed["cells"].append({**copy.deepcopy(cell_of(changed, "softmax")), "id": "again"})
    message = only_fault(saved(changed), released).message
    assert message.startswith("missing: “log_softmax”. Copy them")
    assert "there more than once: “softmax”. Delete the copies." in message


@pytest.mark.parametrize(("name", "assignment"), [("bayes.ipynb", None), ("mine.ipynb", "bayes")])
def test_another_assignments_notebook_is_recognised(saved, released, perfect, name, assignment):
    finding = only_fault(saved(perfect, name), released, assignment=assignment)
    assert finding.message == "its cells are those of “softmax”. Is it the right file?"


def test_a_renamed_notebook_is_known_by_its_cells(saved, released, perfect):
    assert "it is the notebook of “softmax”" in found(saved(perfect, "homework (1).ipynb"), released)


def test_a_notebook_of_no_assignment_is_refused(saved, released):
    book = with_cell({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, "1 + 1")
    finding = only_fault(saved(book), released)
    assert finding.message.startswith("it has none of the cells of “softmax”.")


def test_a_large_notebook_and_another_language_are_reported(saved, released, perfect, monkeypatch):
    monkeypatch.setattr(checks, "MAX_BYTES", 10_000)
    changed = copy.deepcopy(perfect)
    changed["metadata"]["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    messages = [finding.message for finding in found(saved(changed), released).values() if finding.message]
    assert messages == [messages[0], "it is set to R. Choose a Python kernel."]
    assert "Clear the outputs" in messages[0]


TINY = {"before": "assert 1 < 2", "after": "assert 2 < 3"}


def test_a_notebook_without_a_kernel_is_python_and_any_size_up_to_the_bound_may_be_handed_in(
    tmp_path, monkeypatch
):
    path = tmp_path / "one.ipynb"
    path.write_bytes(as_bytes(code("", id="a", metadata={"nbgrader": {"grade_id": "f"}})))
    released = {"one": {"one": [("f", "code", "check", notebooks.digest(""))]}}
    monkeypatch.setattr(checks, "MAX_BYTES", path.stat().st_size)
    findings = found(path, released)
    assert findings["it is small enough to be handed in"].status == "pass"
    assert findings["its kernel is Python"].status == "pass"
    monkeypatch.setattr(checks, "MAX_BYTES", path.stat().st_size - 1)
    assert found(path, released)["it is small enough to be handed in"].status == "fail"


# --- running ---------------------------------------------------------------------------------------------


def findings_of(path, released, **options):
    return {finding.name: finding for finding in checks.examine(path, released, **options)}


def test_a_syntax_error_and_a_wrong_function_are_distinguished(saved, released, perfect):
    """The broken cell is named with its line; checks that don't pass say what they said."""
    broken = copy.deepcopy(perfect)
    cell_of(broken, "cross_entropy-solution")["source"] = "def cross_entropy(logits, y):\n    return ("
    cell_of(broken, "logsumexp-solution")["source"] = "def logsumexp(z, axis=-1):\n    return 0.0"
    findings = findings_of(saved(broken), released)
    runs = findings["it runs from top to bottom"]
    assert runs.status == "fail"
    assert "the cell “cross_entropy-solution” (number " in runs.message
    assert "SyntaxError" in runs.message
    assert "(line 2)" in runs.message
    wrong = findings["the check “logsumexp-visible” passes"]
    assert wrong.status == "fail"
    assert "AssertionError" in wrong.message
    assert "NameError" in findings["the check “cross_entropy-visible” passes"].message
    assert findings["the check “softmax-visible” passes"].status == "pass"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mischief", "said"),
    [("while True: pass", "took more than 2 s and was stopped."), ("import os; os._exit(0)", "ended Python.")],
)
def test_a_cell_that_never_ends_or_ends_python_is_named(saved, capfd, mischief, said):
    """What comes before it is judged, what comes after it was not run."""
    cells = [code(text, id=name, metadata={"nbgrader": {"grade_id": name}}) for name, text in TINY.items()]
    cells.insert(1, code(mischief, id="mine"))
    wanted = [(name, "code", "check", notebooks.digest(text)) for name, text in TINY.items()]
    findings = findings_of(saved(as_bytes(*cells), "tiny.ipynb"), {"tiny": {"tiny": wanted}}, seconds=2)
    assert findings["it runs from top to bottom"].message.startswith(f"the cell “{mischief}” (number 2) {said}")
    assert findings["the check “before” passes"].status == "pass"
    assert findings["the check “after” passes"].message == "it was not run."
    assert capfd.readouterr().err == ""


# --- the command -----------------------------------------------------------------------------------------


def test_wrong_use_is_reported_with_status_2(saved, perfect, tmp_path):
    for words, said in (
        ([tmp_path / "nowhere.ipynb"], "there is no file"),
        ([saved(perfect), "--classroom"], "unrecognized arguments: --classroom"),
        ([saved(perfect), "--assignment", "nope"], "invalid choice"),
        ([], "required"),
    ):
        ran = alone(SCRIPT, *words)
        assert ran.returncode == 2
        assert said in ran.stderr


@pytest.mark.slow
def test_a_kernel_that_does_not_start_is_a_sentence(saved, perfect, tmp_path, monkeypatch):
    broken = tmp_path / "kernels" / "python3" / "kernel.json"
    broken.parent.mkdir(parents=True)
    broken.write_text(json.dumps({"argv": ["/bin/false"], "display_name": "Python 3", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    ran = alone(SCRIPT, saved(perfect))
    assert ran.returncode == 2
    assert "The Python kernel here does not start" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_command_is_the_same_file(monkeypatch, capsys, tmp_path):
    from click.testing import CliRunner

    from autograder.cli import main

    (tmp_path / "softmax.ipynb").write_text("{}")
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(main, ["precheck", "softmax.ipynb", "--json", "--course", str(CHECKOUT)])
    assert said.exit_code == 1
    assert json.loads(said.stdout)["checks"][0]["message"].startswith("it is JSON, but not a notebook")
    monkeypatch.chdir(CHECKOUT)
    assert CliRunner().invoke(main, ["precheck", str(tmp_path / "nowhere.ipynb")]).exit_code == 2
    assert "usage: autograder precheck" in CliRunner().invoke(main, ["precheck", "--help"]).stdout


# --- released notebooks ----------------------------------------------------------------------------------


def said_next(topic, released, done):
    """The sentence on what to do next where so many functions and questions are written, in their order."""
    names = [name.removesuffix("-solution") for name, _, role, _ in released[topic][topic] if role == "solution"]
    questions = {name for _, name in exercises.items()}
    if names[done] in questions:
        return f"“{names[done]}” is not answered yet; {done} of {len(names)} parts are done. Next: answer it."
    part = sum(name not in questions for name in names[: done + 1])
    return f"Part {part}, “{names[done]}”, is not written yet; {done} of {len(names)} parts are. Next: write it."


@pytest.mark.parametrize("topic", sampled(TOPICS, every=0, rest=7))
def test_an_untouched_release_has_nothing_to_mend(topic, released, tmp_path):
    """Whatever error its cells raise, they wait for functions; the first part is what to write next."""
    folder = shutil.copytree(CHECKOUT / "release" / topic, tmp_path / topic)
    findings = findings_of(folder / f"{topic}.ipynb", released)
    assert [finding for finding in findings.values() if finding.status == "fail"] == []
    assert findings["it runs from top to bottom"].status == "todo"
    said = said_next(topic, released, 0)
    assert findings[checks.NEXT].message == said


def half_done(topic, released):
    """A notebook whose first half of functions is right, and the name of the first that is not written."""
    blank = notebook.read((CHECKOUT / "release" / topic / f"{topic}.ipynb").read_bytes())
    perfect = (CHECKOUT / "tests" / "submissions" / topic / "perfect.py").read_text()
    book = submissions.fill_in(blank, perfect)
    names = [name for name, _, role, _ in released[topic][topic] if role == "solution"]
    for name in names[len(names) // 2 :]:
        cell_of(book, name)["source"] = cell_of(blank, name)["source"]
    return book, names


@pytest.mark.parametrize("topic", sampled(TOPICS, every=0, rest=7))
def test_a_half_done_notebook_has_nothing_to_mend(topic, released, tmp_path):
    book, names = half_done(topic, released)
    folder = shutil.copytree(CHECKOUT / "release" / topic, tmp_path / topic)
    (folder / f"{topic}.ipynb").write_bytes(submissions.write(book))
    findings = findings_of(folder / f"{topic}.ipynb", released)
    assert [finding for finding in findings.values() if finding.status == "fail"] == []
    said = said_next(topic, released, len(names) // 2)
    assert findings[checks.NEXT].message == said


@pytest.mark.parametrize("topic", sampled(["softmax", "matching"], every=0, rest=2))
def test_of_a_broken_notebook_the_broken_cells_alone_are_named(topic, released, tmp_path):
    """A cell of the student's own that fails, and behind it a function that Python can't read."""
    book, names = half_done(topic, released)
    cell_of(book, names[0])["source"] = f"def {names[0].removesuffix('-solution')}(x:\n    return 1"
    book = {**book, "cells": [code("1 / 0", id="mine"), *book["cells"]]}
    folder = shutil.copytree(CHECKOUT / "release" / topic, tmp_path / topic)
    (folder / f"{topic}.ipynb").write_bytes(submissions.write(book))
    findings = findings_of(folder / f"{topic}.ipynb", released)
    said = findings["it runs from top to bottom"].message
    assert said.count("the cell “") == 2, said
    assert said.startswith("the cell “1 / 0” (number 1) stopped with ZeroDivisionError: division by zero.")
    assert f"the cell “{names[0]}” (number " in said
    assert "SyntaxError" in said
    assert findings[checks.NEXT].message == "Next: mend the first cell that is named above."


@pytest.mark.slow
def test_ctrl_c_stops_it_with_a_sentence(released, tmp_path):
    folder = shutil.copytree(CHECKOUT / "release" / "softmax", tmp_path / "softmax")
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), "softmax/softmax.ipynb"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while process.stdout.readline() != "✓ its kernel is Python\n":
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert (process.returncode, said) == (130, "\nStopped. The notebook is as it was.\n")
    assert (folder / "softmax.ipynb").read_bytes() == (CHECKOUT / "release/softmax/softmax.ipynb").read_bytes()


@pytest.mark.slow
def test_a_notebook_is_found_in_its_folder_and_suggested_from_above(tmp_path):
    (tmp_path / "softmax").mkdir()
    (tmp_path / "softmax" / "softmax.ipynb").write_text("{")
    for words, status, said in (
        (["softmax"], 1, "it is empty, cut off or damaged"),
        (["softmax.ipynb"], 2, "there is no file softmax.ipynb; did you mean softmax/softmax.ipynb?"),
        ([str(tmp_path)], 2, "holds 0 notebooks: name one"),
    ):
        done = subprocess.run(
            [sys.executable, str(SCRIPT), *words], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert (done.returncode, said in done.stdout + done.stderr) == (status, True), done
