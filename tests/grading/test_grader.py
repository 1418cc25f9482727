"""One notebook in, one report out: whatever it holds, every graded cell has its marks and a reason."""

from __future__ import annotations

import copy
import json
import time
from dataclasses import replace

import pytest
from conftest import CHECKOUT, GENEROUS, SECRET
from grades import BY_HAND, FULL, cell_in, cell_of, marks, submitted, with_cell

from autograder import grade
from autograder.commands.demo import submissions
from autograder.grading.caller import Caller
from autograder.grading.cells import nbgrader_score
from autograder.grading.grader import Grader
from autograder.grading.settings import Settings
from autograder.grading.submission import Submission
from autograder.judging.curve import SECONDS
from autograder.notebooks import notebook
from autograder.notebooks.source import Source

pytestmark = pytest.mark.sandbox

# --- what is right ---------------------------------------------------------------------------------------


def test_grade_gives_a_perfect_notebook_23_of_27_and_leaves_the_answers_to_a_person(perfect):
    """The public function, from two files' bytes; written answers have no mark yet, untouched ones 0."""
    nb = copy.deepcopy(perfect)
    cell_of(nb, "double-softmax-answer")["source"] = "Because probabilities differ by at most 1."
    source = (CHECKOUT / "source" / "softmax" / "softmax.ipynb").read_bytes()
    report = grade(source, submissions.write(nb), secret=SECRET, student="ada")
    assert (report.status, report.score, report.max_score, report.isolation) == ("graded", 23.0, 27.0, "landlock")
    assert marks(report) == FULL | {"double-softmax-answer": None}
    assert report.needs_person == ["double-softmax-answer"]
    told = {cell.grade_id: cell.message for cell in report.cells if cell.message}
    assert told == {"double-softmax-answer": "waits to be marked by a person", "saturation-answer": "no response"}
    assert all(check.passed for cell in report.cells for check in cell.checks)


def test_whatever_decides_about_a_report_changes_its_digest(grader, source):
    submission = Submission(b"{}", "ada", "softmax", "softmax", "ada.ipynb", {"data.csv": b"1"})
    changes = {"content": b"[]", "student": "bob", "assignment": "bayes", "name": "bayes", "files": {}}
    changed = [replace(submission, **{name: value}) for name, value in changes.items()]
    digests = [grader.digest(source, each) for each in (submission, *changed)]
    for settings in (
        Settings(bytes(32), limits=GENEROUS),
        Settings(bytes(32), limits=GENEROUS, follow_through=0.25),
    ):
        with Grader(settings) as other:
            digests.append(other.digest(source, submission))
    digests.append(grader.digest(replace(source, shows=source.shows[:1]), submission))
    assert len(set(digests)) == len(changes) + 4
    assert grader.digest(replace(source, program=()), submission) == digests[0]  # it decides about time alone
    assert grader.digest(source, replace(submission, file="elsewhere.ipynb")) == digests[0]


def test_a_source_that_is_no_notebook_is_the_instructor_s_to_mend(perfect):
    with pytest.raises(notebook.UnreadableError, match="cut off or damaged"):
        grade(b"{", submissions.write(perfect), secret=SECRET)


def test_the_untouched_release_gets_nothing_and_says_what_to_write(grader, source, lean):
    report = submitted(grader, source, lean).report
    assert marks(report) == dict.fromkeys(FULL, 0.0)
    assert "still raises NotImplementedError: write your solution" in report.cells[0].checks[0].message


def test_the_graded_notebook_shows_the_cells_as_they_ran(grader, source, perfect):
    came = submitted(grader, source, with_cell(perfect, "print('mine')\nsoftmax([0, 0]).tolist()"))
    own = came.notebook["cells"][-1]
    assert [o.get("text", o.get("data")) for o in own["outputs"]] == ["mine\n", {"text/plain": "[0.5, 0.5]"}]
    assert "softmax: visible checks passed" in str(cell_of(came.notebook, "softmax-visible")["outputs"])


# --- bad input -------------------------------------------------------------------------------------------

UNREADABLE = {
    b"": "ada.ipynb is empty.",
    b" \n": "ada.ipynb is empty.",
    b'{"cells": [': "ada.ipynb is cut off or damaged: it stops being JSON at line 1.",
    b"[" * 100_000: "ada.ipynb nests its values too deeply to be read.",
    b'{"cells": [], "x": ' + b"7" * 5000 + b"}": "ada.ipynb holds a number with too many digits to be read.",
    b"a,b\n1,2\n": "ada.ipynb is cut off or damaged: it stops being JSON at line 1.",
    b"\x89PNG\r\n\x1a\n": "ada.ipynb is not text in UTF-8, as every notebook is.",
    "{}".encode("utf-16"): "ada.ipynb is not text in UTF-8, as every notebook is.",
    b"null": "ada.ipynb is JSON, but not a notebook: it has no cells.",
    b"{}": "ada.ipynb is JSON, but not a notebook: it has no cells.",
    b'{"cells": 3}': "ada.ipynb is JSON, but not a notebook: it has no cells.",
    b'{"worksheets": []}': "ada.ipynb is a notebook of an old format that can't be converted.",
    json.dumps({"cells": [{}] * 2001}).encode(): "ada.ipynb has 2001 cells; at most 2000 are graded.",
}


@pytest.mark.parametrize(("content", "message"), UNREADABLE.items(), ids=lambda text: str(text[:30]))
def test_what_is_no_notebook_fails_with_the_reason_on_every_cell(grader, source, content, message):
    came = submitted(grader, source, content)
    report = came.report
    assert (report.status, report.score, report.max_score, report.message) == ("failed", 0.0, 27.0, message)
    assert [(cell.grade_id, cell.score, cell.message) for cell in report.cells] == [
        (name, 0.0, message) for name in FULL
    ]
    assert (report.isolation, came.notebook) == (None, None)


def test_a_notebook_of_another_assignment_fails_and_names_its_cells(grader, source, perfect):
    report = submitted(grader, source, submissions.other_assignment(perfect)).report
    assert (report.status, report.score) == ("failed", 0.0)
    assert "belongs to another assignment: its cells are “bayes-setup”" in report.message
    assert all(cell.message == report.message for cell in report.cells)


@pytest.mark.parametrize(
    "content",
    [b'{"cells": []}', b'{"cells": [null, 3, "x", {"cell_type": 5, "source": {}}, {"metadata": 1}]}'],
    ids=["no cells", "cells of rubbish"],
)
def test_a_notebook_without_the_cells_is_graded_with_nothing(grader, source, content):
    report = submitted(grader, source, content).report
    assert (report.status, report.score) == ("graded", 0.0)
    assert marks(report) == FULL | dict.fromkeys(FULL, 0.0) | dict.fromkeys(BY_HAND)
    assert all(check.message for cell in report.cells for check in cell.checks)
    assert all(cell.message.startswith(f"{cell.grade_id} is not defined.") for cell in report.cells if cell.checks)
    assert "put back what was missing" in report.repairs[0]


def retyped(nb):
    cell_of(nb, "softmax")["cell_type"] = "markdown"
    cell_of(nb, "saturation-answer")["cell_type"] = "code"
    return nb


MENDED = {
    "test cells deleted": (submissions.without_tests, dict.fromkeys(BY_HAND), "put back what was missing"),
    "all metadata lost": (submissions.without_metadata, dict.fromkeys(BY_HAND), "put back what was missing"),
    "a test pasted twice": (submissions.doubled, {}, "was there more than once; the last one counts"),
    "cells retyped": (retyped, {}, "had become a markdown cell; it is code again"),
    "a test edited": (submissions.rewritten_tests, {"softmax": 0.0, "cross_entropy_grad": 0.0}, "had been edited"),
}


@pytest.mark.parametrize(("damage", "differ", "said"), MENDED.values(), ids=MENDED)
def test_damaged_cells_are_mended_and_cost_nothing_by_themselves(grader, source, perfect, damage, differ, said):
    """The marks are those of the functions; what was mended is told."""
    report = submitted(grader, source, damage(copy.deepcopy(perfect))).report
    assert marks(report) == FULL | differ
    assert said in " ".join(report.repairs)
    assert report.max_score == 27.0


def test_an_edited_visible_test_runs_as_the_instructor_wrote_it(grader, source, perfect):
    nb = copy.deepcopy(perfect)
    cell_of(nb, "softmax-visible")["source"] = "print('all checks passed, believe me')"
    came = submitted(grader, source, nb)
    cell = cell_of(came.notebook, "softmax-visible")
    assert cell["source"].startswith("p = softmax(np.array([2.0, 1.0, 0.1]))")
    assert [output["text"] for output in cell["outputs"]] == ["softmax: visible checks passed\n"]
    assert "the locked cell “softmax-visible” had been edited" in came.report.repairs[0]


WRONG = {
    "missing": ("cross_entropy_ = 0", "cross_entropy is not defined"),
    "not callable": ("cross_entropy = 3", "it is an object of type int"),
    "wrong signature": ("def cross_entropy(logits): return 1.0", "raised TypeError"),
    "none": ("def cross_entropy(logits, y): pass", "None"),
    "a string": ("def cross_entropy(logits, y): return 'about one'", "'about one'"),
    "a ragged list": ("def cross_entropy(logits, y): return [[1.0], [2.0, 3.0]]", "[[1], [2, 3]]"),
    "an object array": (
        "def cross_entropy(logits, y): return np.array([None, 1])",
        "an array of dtype object where numbers",
    ),
    "a generator": ("def cross_entropy(logits, y): return (1 for _ in y)", "an object of type generator where"),
    "a generator function": ("def cross_entropy(logits, y): yield 1.0", "an object of type generator where"),
    "nan": ("def cross_entropy(logits, y): return np.nan", "nan"),
    "another shape": ("def cross_entropy(logits, y): return np.ones((1,))", "[1], expected"),
    "a class": ("class cross_entropy:\n    def __init__(self, logits, y): pass", "something that is no data"),
    "a dictionary": ("def cross_entropy(logits, y): return {'loss': 1.0}", "a dictionary"),
    "an exception": ("def cross_entropy(logits, y): raise KeyError('y')", "raised KeyError: 'y'"),
    "a syntax error": ("def cross_entropy(logits, y) return 1", "SyntaxError"),
}


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG)
def test_a_function_that_is_wrong_in_kind_costs_its_own_cell_and_says_why(grader, source, perfect, text, said):
    nb = copy.deepcopy(perfect)
    cell_of(nb, "cross_entropy-solution")["source"] = text
    report = submitted(grader, source, nb).report
    assert marks(report) == FULL | {"cross_entropy": 0.0}
    cell = next(cell for cell in report.cells if cell.grade_id == "cross_entropy")
    assert said in f"{cell.message} {cell.checks[0].message}"
    assert [check.passed for check in cell.checks] == [False, None, None, None, None]
    assert all(check.message for check in cell.checks)


def test_a_call_that_takes_too_long_costs_its_own_function(short_grader, source, perfect):
    nb = copy.deepcopy(perfect)
    endless = "\n    while logits.shape == (8, 4): pass\n"
    cell = cell_of(nb, "cross_entropy-solution")
    cell["source"] = cell["source"].replace("\n", endless, 1)
    report = submitted(short_grader, source, nb).report
    assert marks(report) == FULL | {"cross_entropy": 0.0}
    assert "cross_entropy did not end within 2 s and was stopped." in str(
        cell_in(report, "cross_entropy").checks[0].message
    )


# --- a process that ends ---------------------------------------------------------------------------------


@pytest.mark.parametrize("death", ["os._exit(0)", "ctypes.string_at(0)", "os.kill(os.getpid(), 15)"])
def test_a_function_that_kills_the_process_costs_itself_alone(grader, source, perfect, death):
    """The process starts anew, the cells before are played again, and the others keep their marks."""
    nb = copy.deepcopy(perfect)
    cell_of(nb, "cross_entropy_grad-solution")["source"] = (
        f"import ctypes, os\ndef cross_entropy_grad(logits, y):\n    {death}"
    )
    report = submitted(grader, source, nb).report
    assert marks(report) == FULL | {"cross_entropy_grad": 0.0}
    assert "did not come back: it" in cell_in(report, "cross_entropy_grad").checks[0].message


def test_a_cell_that_kills_the_process_costs_no_function_its_marks(grader, source, perfect):
    nb = copy.deepcopy(perfect)
    nb["cells"].insert(8, with_cell(nb, "import os\nos._exit(0)")["cells"][-1])
    came = submitted(grader, source, nb)
    assert marks(came.report) == FULL
    own = next(cell for cell in came.notebook["cells"] if cell["id"] == "mine")
    assert own["outputs"][0]["evalue"] == "it ended its own process (os._exit, perhaps)."


@pytest.mark.parametrize("death", ["import os; os._exit(0)", "import ctypes; ctypes.string_at(0)"])
def test_a_crash_in_the_first_function_costs_only_those_that_use_it(grader, source, perfect, death):
    """Only cross_entropy_grad calls softmax; the other four are right."""
    nb = copy.deepcopy(perfect)
    cell_of(nb, "softmax-solution")["source"] = f"def softmax(z, axis=-1, temperature=1.0):\n    {death}"
    report = submitted(grader, source, nb).report
    assert marks(report) == FULL | {"softmax": 0.0, "cross_entropy_grad": 0.0}
    assert report.cells[0].checks[0].message.startswith("softmax did not come back: it")


def test_a_mistake_in_an_earlier_function_is_named_and_charged_in_full_there_alone(grader, source, perfect):
    """log_softmax of the source's solution calls logsumexp, cross_entropy calls log_softmax."""
    nb = copy.deepcopy(perfect)
    cell_of(nb, "logsumexp-solution")["source"] = (
        "def logsumexp(z, axis=-1):\n    return np.log2(np.sum(np.exp(z), axis=axis))"
    )
    built = "def log_softmax(z, axis=-1):\n    return z - np.expand_dims(logsumexp(z, axis=axis), axis)"
    cell_of(nb, "log_softmax-solution")["source"] = built
    cells = {cell.grade_id: cell for cell in submitted(grader, source, nb).report.cells}
    assert cells["logsumexp"].misconceptions == ["base-2", "no-max-shift"]
    assert cells["log_softmax"].misconceptions == ["mistake-in-logsumexp"]
    assert 0 < cells["log_softmax"].score < cells["log_softmax"].max_score / 2


def test_what_a_function_prints_and_warns_costs_nothing_whatever_its_letters(grader, source, perfect):
    """Lone surrogates are no text that a file can hold."""
    nb = copy.deepcopy(perfect)
    noise = "    import warnings\n    print('\\ud800')\n    warnings.warn('\\udcff')\n    log_p = "
    cell = cell_of(nb, "cross_entropy-solution")
    cell["source"] = cell["source"].replace("    log_p = ", noise, 1)
    assert "ud800" in cell["source"]
    assert marks(submitted(grader, source, nb).report) == FULL


BROKEN = {
    "its own cell has a syntax error": (
        "def logsumexp(z, axis=-1):\n    return (",
        "logsumexp is not defined. Its own cell stopped: SyntaxError: incomplete input (line 2).",
    ),
    "its own cell needs a name that is not there": (
        "@njit\ndef logsumexp(z, axis=-1):\n    return z",
        "logsumexp is not defined. Its own cell stopped: NameError: name 'njit' is not defined.",
    ),
    "it has another name": ("def log_sum_exp(z, axis=-1):\n    return z", "logsumexp is not defined."),
}


@pytest.mark.parametrize(("text", "said"), BROKEN.values(), ids=BROKEN)
def test_a_missing_function_is_not_blamed_on_a_check_of_another_one(grader, source, perfect, text, said):
    """The visible checks of softmax fail first; they stop no other cell."""
    nb = json.loads(json.dumps(perfect))
    cell_of(nb, "softmax-solution")["source"] = "def softmax(z, axis=-1, temperature=1.0):\n    return z"
    cell_of(nb, "logsumexp-solution")["source"] = text
    report = submitted(grader, source, nb).report
    message = next(cell.message for cell in report.cells if cell.grade_id == "logsumexp")
    assert message.startswith(said)
    assert "AssertionError" not in message


# --- cells that only draw --------------------------------------------------------------------------------

DRAWS = "print('drawn'.upper())"


def with_drawing(book, **more):
    cell = {"cell_type": "code", "id": "drawing", "metadata": {"tags": [notebook.ONLY_SHOWS]}, "source": DRAWS}
    return notebook.from_json({**book, "cells": [*book["cells"], cell | {"outputs": []} | more]})


@pytest.mark.parametrize(
    ("tagged", "figures", "text", "shown"),
    [
        (True, False, DRAWS, "Not drawn while grading.\n"),
        (True, True, DRAWS, "DRAWN\n"),
        (True, False, f"{DRAWS}  # mine", "DRAWN\n"),
        (False, False, DRAWS, "DRAWN\n"),
    ],
    ids=["left out", "with --figures", "edited by the student", "tagged by the student alone"],
)
def test_a_cell_that_the_instructor_says_only_draws_is_left_out(grader, source, tagged, figures, text, shown):
    nb = in_process(("1.0", 2))
    wanted = Source.from_notebook(with_drawing(nb) if tagged else nb)
    grader = Grader(replace(grader.settings, figures=figures), grader._pool)
    came = submitted(grader, wanted, with_drawing(nb, source=text))
    assert came.report.score == 1.0
    (output,) = came.notebook["cells"][-1]["outputs"]
    assert output == {"output_type": "stream", "name": "stdout", "text": shown}
    assert came.notebook["cells"][-1]["metadata"] == {"tags": [notebook.ONLY_SHOWS]}


@pytest.mark.parametrize("flags", [{"grade": True, "points": 1}, {"solution": True}])
def test_a_cell_with_marks_or_a_solution_runs_whatever_its_tags(flags):
    named = {"tags": [notebook.ONLY_SHOWS], "nbgrader": {"grade_id": "f", **flags}}
    book = with_drawing({"cells": [], "metadata": {}}, metadata=named)
    assert Source.from_notebook(book).shows == ()


EXPERIMENT = "trained = [3]\nprint('trained')"


def run_beside_an_experiment(grader, own, *, points="1.0"):
    """Grade a cell of the student's own, after an experiment that the instructor tagged; return what they show."""
    book = with_drawing(in_process((points, 2)), source=EXPERIMENT)
    wanted = Source.from_notebook(book)
    mine = {"cell_type": "code", "id": "mine", "metadata": {}, "source": own, "outputs": []}
    before = [cell for cell in book["cells"] if cell["id"] == "drawing"]
    after = [cell for cell in book["cells"] if cell["id"] != "drawing"]
    came = submitted(grader, wanted, notebook.from_json({**book, "cells": [*before, mine, *after]}))
    shown = {cell["id"]: cell["outputs"] for cell in came.notebook["cells"]}
    return came.report.score, shown["drawing"][0]["text"], shown["mine"]


@pytest.mark.parametrize(
    ("own", "runs"),
    [
        ("mine = 1", False),
        ("def f():\n    trained = 1\n    return [trained for trained in range(3)]", False),
        ("trained = 1", False),
        ("(", False),
        ("(" * 5000, False),
        ("print(trained)", True),
        ("def f():\n    return lambda: trained", True),
        ("trained.append(4)", True),
        ("%time trained", True),
    ],
)
def test_an_experiment_runs_only_where_a_cell_of_the_student_reads_what_it_binds(grader, own, runs):
    score, shown, _ = run_beside_an_experiment(grader, own)
    assert shown == ("trained\n" if runs else "Not run while grading: it only shows something.\n")
    assert score == 1.0


def test_a_student_who_builds_on_an_experiment_has_the_marks_for_it(grader):
    score, _, mine = run_beside_an_experiment(grader, "total = sum(trained)", points="float(total - 2)")
    assert (score, mine) == (1.0, [])


# --- cells with tests of their own -----------------------------------------------------------------------


def in_process(*cells):
    """A source whose tests are its own: text and points of each cell."""
    made = [
        {
            "cell_type": "code",
            "id": f"test-{number}",
            "metadata": {
                "nbgrader": {"grade_id": f"test-{number}", "grade": True, "solution": False, "points": points}
            },
            "source": text,
        }
        for number, (text, points) in enumerate(cells)
    ]
    return notebook.read(json.dumps({"cells": made, "metadata": {}}).encode())


SCORES = {
    "assert 1 + 1 == 2": 2.0,
    "assert 1 + 1 == 3, 'no'": 0.0,
    "1.5": 1.5,
    "0": 0.0,
    "print('1.5')": 2.0,
    "'text'": 2.0,
    "None": 2.0,
    "True": 2.0,
    "1 / 0": 0.0,
    "def broken(:": 0.0,
    "1.0;": 2.0,
    "import sys\nsys.exit()": 0.0,
    "print('x' * 2_000_000)\nassert 1 + 1 == 3": 0.0,
    "print('x' * 2_000_000)\n1.5": 1.5,
}
BETTER = {
    "import sys\nprint('warning', file=sys.stderr)\n1.0": 1.0,
    "import warnings\nwarnings.warn('careful')": 2.0,
    "float('nan')": 0.0,
    "float('inf')": 2.0,
    "-1.0": 0.0,
    "7.0": 2.0,
    "import numpy as np\nnp.float64(1.0)": 1.0,
    "import numpy as np\nnp.int64(1)": 1.0,
}


@pytest.fixture(scope="module")
def own_tests(grader):
    """All these cells, graded in one notebook."""
    texts = SCORES | BETTER
    nb = in_process(*((text, 2) for text in texts))
    came = submitted(grader, Source.from_notebook(nb), nb)
    return dict(zip(texts, zip(came.report.cells, came.notebook["cells"], strict=True), strict=True))


@pytest.mark.parametrize(("text", "score"), (SCORES | BETTER).items(), ids=repr)
def test_a_cell_s_own_tests_decide_its_score(own_tests, text, score):
    """Errors give 0, a number is a part, anything else is full; noise, nan and too much are no traps."""
    cell, _ = own_tests[text]
    assert (cell.score, cell.mode, cell.exercise, cell.max_score) == (score, "in-process", None, 2.0)
    assert bool(cell.message) == ("error" in str(own_tests[text][1]["outputs"]))


def test_nbgrader_itself_gives_such_cells_the_same(own_tests):
    import nbformat
    from nbgrader.utils import determine_grade

    for text in SCORES:
        ours, cell = own_tests[text]
        assert determine_grade(nbformat.from_dict(cell)) == (ours.score, 2), text


@pytest.mark.parametrize(
    ("text", "score"),
    [("np.float64(0.5)", 0.5), ("1_0", 3.0), (" 2 ", 2.0), ("1e400", 3.0), ("-0.0", 0.0), ("", 3.0)],
)
def test_a_result_s_text_is_read_as_a_number_within_bounds(text, score):
    output = {"output_type": "execute_result", "data": {"text/plain": text}}
    assert nbgrader_score([output], 3.0) == (score, None)


def test_an_error_costs_the_marks_whatever_was_shown_before_it_and_the_last_result_counts():
    """What a submission shows by `sys.displayhook` stands before the cell's own result, or its error."""
    forged, own = ({"output_type": "execute_result", "data": {"text/plain": text}} for text in ("2.0", "0.5"))
    error = {"output_type": "error", "ename": "ValueError", "evalue": "no"}
    assert nbgrader_score([forged, error], 2.0) == (0.0, "stopped with ValueError: no")
    assert nbgrader_score([error, forged], 2.0) == (0.0, "stopped with ValueError: no")
    assert nbgrader_score([forged, own], 2.0) == (0.5, None)
    assert nbgrader_score([], 2.0) == (2.0, None)


def test_an_assignment_in_another_language_is_refused_instead_of_marked_wrong(grader):
    """Run as Python, every answer in R would get 0."""
    nb = in_process(("stopifnot(1 < 2)", 1))
    nb["metadata"] = {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}
    report = submitted(grader, Source.from_notebook(nb), nb).report
    assert (report.status, report.message) == ("failed", "Only Python is graded, and the source is in R.")


def test_an_assignment_without_sealed_cells_may_import_what_is_installed_but_never_ours():
    nb = in_process(("import scipy, nbformat", 1), ("import autograder", 1), ("import solutions", 1))
    with Grader(Settings(SECRET)) as grader:
        report = submitted(grader, Source.from_notebook(nb), nb).report
    assert [cell.score for cell in report.cells] == [1.0, 0.0, 0.0]
    assert report.cells[1].message == "stopped with ModuleNotFoundError: No module named 'autograder'"


def test_a_function_that_removes_itself_keeps_what_it_answered_before(grader, source, perfect):
    """The calls of a request are answered one by one: one that finds nothing takes none from those before it."""
    nb = copy.deepcopy(perfect)
    cell = cell_of(nb, "softmax-solution")
    cell["source"] += """
_right = softmax
def softmax(z, axis=-1, temperature=1.0):
    if getattr(z, "dtype", None) == np.float32:
        globals().pop("softmax", None)
    return _right(z, axis, temperature)
"""
    report = submitted(grader, source, nb).report
    softmax = next(cell for cell in report.cells if cell.grade_id == "softmax")
    passed = {check.name: check.passed for check in softmax.checks}
    assert passed["stays finite for large logits"] is True
    assert passed["takes lists, integers, float32 and any memory layout"] is False


@pytest.mark.slow
def test_a_busy_machine_takes_no_picture_away(grader, monkeypatch):
    """The grader is kept waiting before each request, for longer than the picture's points may take."""
    ask = Caller.__call__

    def late(self, calls, sizes):
        time.sleep(SECONDS / 3)
        return ask(self, calls, sizes)

    monkeypatch.setattr(Caller, "__call__", late)
    naive = (CHECKOUT / "tests" / "submissions" / "softmax" / "naive.py").read_bytes()
    result = grader.grade_file("softmax", naive, file="naive.py", student="")
    assert result.curve.departs == [(710.0, 1000.0)]
