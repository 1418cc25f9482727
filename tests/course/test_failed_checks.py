"""A failed check is one sentence in JupyterLab; all else keeps its traceback, and so does what is graded."""

from __future__ import annotations

import ast
import re

import pytest
from conftest import CHECKOUT
from in_kernel import executed
from nbformat.v4 import new_code_cell, new_notebook

from autograder.commands.demo import submissions
from autograder.grading.submission import Submission
from autograder.notebooks import notebook

FIGURES = sorted(CHECKOUT.glob("source/*/figures.py"))
SOFTMAX = CHECKOUT / "release" / "softmax"
MARKER = re.compile(r"(?s)\n# --- a failed check, .*")
SENTENCES = {
    "x = 1\nassert x == 2, f'x should be 2, you gave {x}'": "✗ line 2: x should be 2, you gave 1",
    "for i in (0, 1):\n    assert i == 0, (\n        f'the rows are 0, yours:\\n[{i}]'\n    )": (
        "✗ line 2: the rows are 0, yours:\n[1]"
    ),
    "import asyncio\nawait asyncio.sleep(0)\nassert x == 2, 'x should be 2'": "✗ line 3: x should be 2",
}
TRACEBACKS = (
    "assert 1 == 2",
    "def mine():\n    assert False, 'a sentence of my own function'\nmine()",
    "try:\n    1 / 0\nexcept ZeroDivisionError:\n    assert False, 'while another is handled'",
    "exec('assert False, \"of another text\"')",
    "1 / 0",
    "1 +",
)


def outputs_of(*cells):
    """The outputs of cells that run in a kernel beside the figures."""
    nb = new_notebook(cells=[new_code_cell(text) for text in cells])
    return [cell.outputs for cell in executed(nb, SOFTMAX, allow_errors=True).cells]


def errors_of(first, *cells):
    """The error that each cell but the first ends with."""
    ends = [outputs[-1] for outputs in outputs_of(first, *cells)[1:]]
    assert {end.output_type for end in ends} == {"error"}
    return [(end.ename, end.evalue, end.traceback) for end in ends]


def test_every_topic_has_the_same_lines_for_it():
    """A released folder stands alone, so each has its own copy."""
    texts = {path.parent.name: MARKER.search(path.read_text(encoding="utf-8")) for path in FIGURES}
    assert all(texts.values()), texts
    assert len({found[0] for found in texts.values()}) == 1
    for path in FIGURES:
        statements = ast.parse(path.read_text(encoding="utf-8")).body
        assert isinstance(statements[-1], ast.If), f"{path}: something stands below them"


def test_every_topic_shows_figures_by_the_same_lines():
    """One palette, one way to give a picture its text, one kind of slider."""
    block = re.compile(r"(?s)\n# --- a figure and its text, .*?(?=\n# --- a failed check, )")
    texts = {path.parent.name: path.read_text(encoding="utf-8") for path in FIGURES}
    found = {name: block.findall(text) for name, text in texts.items()}
    assert len({tuple(blocks) for blocks in found.values()}) == 1, found.keys()
    for name, text in texts.items():
        assert text.count("plt.show()") == 1, f"{name}: a figure without a text"
        assert "import ipywidgets" not in text.replace(found[name][0], "")


@pytest.mark.slow
def test_a_check_that_fails_is_its_sentence_and_all_else_keeps_its_traceback():
    shown = errors_of("import figures", *SENTENCES, *TRACEBACKS)
    usual = errors_of("import matplotlib", *SENTENCES, *TRACEBACKS)
    checks = len(SENTENCES)
    assert [traceback for _, _, traceback in shown[:checks]] == [[line] for line in SENTENCES.values()]
    assert [end[:2] for end in shown[:checks]] == [end[:2] for end in usual[:checks]]
    assert shown[checks:] == usual[checks:]
    assert all("Traceback" in "".join(traceback) or name == "SyntaxError" for name, _, traceback in usual)


@pytest.mark.slow
def test_a_released_notebook_says_what_a_wrong_function_gave_beside_what_was_expected():
    """Its setup cell is enough."""
    released = notebook.read((SOFTMAX / "softmax.ipynb").read_bytes())
    text = {notebook.grade_id_of(cell): cell["source"] for cell in released["cells"]}
    mistake = "def softmax(z, axis=-1, temperature=1.0):\n    return np.asarray(z)"
    ((name, sentence, traceback),) = errors_of(f"{text['setup']}\n{mistake}", text["softmax-visible"])
    assert name == "AssertionError"
    assert "you gave [2.  1.  0.1]" in sentence
    assert traceback[0] == f"✗ line 3: {sentence}"
    table = [[float(number) for number in row.split()] for row in traceback[2:-1]]
    assert traceback[1].split() == ["yours", "expected", "difference"]
    assert table == [[2, 0.659, 1.3], [1, 0.2424, 0.76], [0.1, 0.0986, 0.0014]]
    assert traceback[-1] == "largest difference: 1.3"


@pytest.mark.slow
def test_a_cell_that_needs_an_unwritten_function_says_which_in_a_sentence():
    """Wherever the stub is called from; an error of the cell's own keeps its traceback."""
    stub = "def softmax(z):\n    raise NotImplementedError()"
    deep = "def later(z):\n    return softmax(z)\nlater(1)"
    own, called, nested = errors_of("import figures", "raise NotImplementedError", f"{stub}\nsoftmax(1)", deep)
    for name, _, traceback in (called, nested):
        assert name == "NotImplementedError"
        assert len(traceback) == 1
        assert "waits for softmax, which still raises NotImplementedError" in traceback[0]
    assert "Traceback" in "".join(own[2])


@pytest.mark.slow
def test_another_handler_of_assertions_stays():
    """Colab and others have their own."""
    first = "get_ipython().set_custom_exc((AssertionError,), lambda *_, **__: print('theirs', flush=True))"
    _, shown = outputs_of(f"{first}\nimport figures", "assert False, 'x'")
    assert [output.get("text") for output in shown] == ["theirs\n"]


@pytest.mark.sandbox
def test_what_is_graded_keeps_its_tracebacks(grader, source, blank):
    """The instructor reads them in the autograded notebook."""
    mistake = "def softmax(z, axis=-1, temperature=1.0):\n    return np.asarray(z)"
    content = submissions.write(submissions.fill_in(blank, mistake))
    files = {"figures.py": (SOFTMAX / "figures.py").read_bytes()}
    graded = grader.grade(source, Submission(content, "ada", "softmax", "softmax", files=files)).notebook
    (check,) = [cell for cell in graded["cells"] if notebook.grade_id_of(cell) == "softmax-visible"]
    (error,) = check["outputs"]
    assert error["ename"] == "AssertionError"
    assert "Traceback (most recent call last)" in "\n".join(error["traceback"])
    assert error["traceback"][-1] == f"AssertionError: {error['evalue']}"
