"""The instructor's notebooks: they run, say what they should, and are kept tidy."""

from __future__ import annotations

import html
import importlib.util
import itertools
import json
import re
from collections import Counter

import nbformat
import pytest
from conftest import CHECKOUT
from in_kernel import executed
from nbclient.exceptions import CellExecutionError
from played import texts_of
from sampling import sampled

from autograder import exercises
from autograder.notebooks import notebook
from autograder.notebooks.source import Source, visible_part

SOFTMAX = CHECKOUT / "source" / "softmax" / "softmax.ipynb"
NOTEBOOKS = sorted(CHECKOUT.glob("source/*/*.ipynb"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def run(path, nb):
    return executed(nb, path.parent, timeout=120)


def assert_described(output):
    """A picture carries its text for whoever can't see it: in HTML, which JupyterLab shows, and as metadata."""
    if "image/png" not in output.get("data", {}):
        return
    (said,) = re.findall(r'<img alt="Figure: ([^"]{20,})"', output.data["text/html"])
    assert output.metadata["image/png"]["alt"] == html.unescape(f"Figure: {said}")


PICTURES = {"image/png", "image/svg+xml", "application/vnd.jupyter.widget-view+json"}


@pytest.mark.parametrize("path", sampled(NOTEBOOKS, every=0, rest=8, ident=lambda path: path.stem))
def test_the_source_runs_without_error_or_warning_and_describes_every_picture(path):
    nb = nbformat.read(path, 4)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.source = visible_part(cell.source)
    done = run(path, nb)
    for cell, after in itertools.pairwise(done.cells):
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr", output.text
            assert_described(output)
            assert not PICTURES & set(output.get("data", ())) or after.source.startswith("*Figure: "), cell.source


TORCH = CHECKOUT / "build" / "torch"
needs_torch = pytest.mark.skipif(
    not TORCH.is_dir() and importlib.util.find_spec("torch") is None,
    reason="needs PyTorch; .ci/run installs it into build/torch",
)


def said_by_the_pytorch_section(first_cell):
    """Run the functions of softmax and the optional section alone; give what each of its cells printed."""
    code = [cell for cell in nbformat.read(SOFTMAX, 4).cells if cell.cell_type == "code"]
    kept = [c for c in code if c.id == "setup" or c.id.endswith("-solution") or c.id.startswith("torch")]
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(first_cell), *kept])
    done = run(SOFTMAX, nb)
    return {
        cell.id: "".join(output.text for output in cell.outputs)
        for cell in done.cells
        if cell.id.startswith("torch") and all(output.name == "stdout" for output in cell.outputs)
    }


@pytest.mark.slow
@needs_torch
def test_pytorch_agrees_with_every_function_of_softmax(monkeypatch):
    """Its cells compare and assert; none of them warns."""
    monkeypatch.setenv("PYTHONPATH", str(TORCH))
    said = said_by_the_pytorch_section("import torch")
    assert said.keys() == {"torch", "torch-pipeline", "torch-gradcheck"}
    differences = [float(found) for found in re.findall(r"largest difference (\S+)", said["torch"])]
    assert len(differences) == 6
    assert max(differences) < 1e-12
    assert "0.8021" in said["torch-pipeline"]
    assert "agree with its autograd: True" in said["torch-gradcheck"]


@pytest.mark.slow
def test_without_pytorch_its_section_is_skipped_with_a_sentence():
    said = said_by_the_pytorch_section("import sys\nsys.modules['torch'] = None")
    assert said.keys() == {"torch", "torch-pipeline", "torch-gradcheck"}
    for text in said.values():
        assert re.fullmatch(r"[^\n]*PyTorch[^\n]*\.\n", text)


@pytest.mark.parametrize("path", sampled(NOTEBOOKS, every=0, rest=4, ident=lambda path: path.stem))
def test_the_release_fails_first_at_its_first_stub(path):
    released = CHECKOUT / "release" / path.stem / path.name
    nb = nbformat.read(released, 4)
    with pytest.raises(CellExecutionError) as failure:
        run(released, nb)
    assert failure.value.ename == "NotImplementedError"
    stopped = next(c for c in nb.cells for o in c.get("outputs", []) if o.output_type == "error")
    first_check = next(c for c in nb.cells if (notebook.grade_id_of(c) or "").endswith("-visible"))
    assert notebook.grade_id_of(stopped) == notebook.grade_id_of(first_check)


@each_notebook
def test_a_notebook_is_committed_without_outputs_and_with_stable_ids(path):
    raw = json.loads(path.read_text())
    idents = [cell["id"] for cell in raw["cells"]]
    assert len(set(idents)) == len(idents)
    for cell in raw["cells"]:
        assert cell["cell_type"] != "code" or (cell["outputs"], cell["execution_count"]) == ([], None)


@each_notebook
def test_a_notebook_has_one_title_and_its_headings_in_order(path):
    texts = [
        cell["source"] for cell in notebook.read(path.read_bytes())["cells"] if cell["cell_type"] == "markdown"
    ]
    levels = [
        len(found) for text in texts for found in re.findall(r"^(#+) ", text, re.MULTILINE) if "BEGIN" not in text
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@each_notebook
def test_points_add_up_to_what_the_header_says(path):
    nb = notebook.read(path.read_bytes())
    total = sum(cell.points for cell in Source.from_notebook(nb).marked)
    assert f"Together {total:g} points" in nb["cells"][0]["source"]


@each_notebook
def test_every_sealed_cell_has_its_exercise_and_every_exercise_its_cell(path):
    cells = Source.from_notebook(notebook.read(path.read_bytes())).cells
    asked = {found.exercise: cell.points for cell in cells if (found := cell.sealed)}
    assert set(asked) == {name for topic, name in exercises.everything() if topic == path.stem}
    for name, points in asked.items():
        assert points == exercises.find(name).points


@each_notebook
def test_a_figure_is_followed_by_its_description(path):
    cells = notebook.read(path.read_bytes())["cells"]
    pictured = [i for i, cell in enumerate(cells) if cell["source"].startswith("figures.")]
    assert pictured
    for index in pictured:
        assert cells[index + 1]["source"].startswith("*Figure: ")


STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.mark.slow
def test_the_explorers_of_softmax_draw_under_their_sliders():
    """A page without a kernel shows a sentence in their place, and the static twin comes next."""
    nb = nbformat.read(SOFTMAX, 4)
    wanted = ("setup", "temperature-explorer", "loss-explorer")
    nb.cells = [c for c in nb.cells if c.id in wanted or c.id.endswith("-solution")]
    done = run(SOFTMAX, nb)
    shown = [output.data for cell in done.cells if cell.id in wanted for output in cell.get("outputs", [])]
    assert [set(data) for data in shown[::2]] == [{VIEW, "text/plain"}] * 2
    assert all("static twin" in data["text/plain"] for data in shown[::2])
    assert all("aria-label" in data["application/javascript"] for data in shown[1::2])
    models = [model["state"] for model in done.metadata.widgets[STATE]["state"].values()]
    assert sum(model["_model_name"].endswith("SliderModel") for model in models) == 6
    drawn = [output for model in models for output in model.get("outputs", [])]
    assert ["image/png" in output["data"] for output in drawn] == [True, True]


def test_an_explorer_of_softmax_without_a_kernel_points_to_its_twin(capsys):
    spec = importlib.util.spec_from_file_location("softmax_figures", SOFTMAX.with_name("figures.py"))
    figures = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(figures)
    figures.explore_loss(None)
    figures.explore_temperature(None, [2.0, 1.0, 0.1])
    assert capsys.readouterr().out == 2 * f"{figures.NO_SLIDERS}\n"


@each_notebook
def test_no_two_headings_of_a_notebook_are_alike(path):
    """Each is a line of the table of contents, and an anchor."""
    trails = dict.fromkeys(trail for trail, _ in texts_of(path.stem))
    assert [name for name, count in Counter(trail[-1] for trail in trails).items() if count > 1] == []


def part_of(topic, name):
    """The cells under the numbered heading that a function's stub stands under."""
    cells = texts_of(topic)
    trail = next(trail for trail, cell in cells if notebook.grade_id_of(cell) == f"{name}-solution")
    number = next(heading for heading in trail if heading[0].isdigit())
    return [cell for trail, cell in cells if number in trail]


@pytest.mark.parametrize(("topic", "name"), exercises.names())
def test_an_exercise_follows_the_pattern(topic, name):
    """By hand, a prediction, three tiers of hints, a stub, a check, what breaks the obvious, a picture."""
    cells = part_of(topic, name)
    prose = "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")
    for wanted in ("**By hand", "**Predict first", "Hint 1: a nudge", "Hint 2: the formula", "Hint 3: the shapes"):
        assert wanted in prose, wanted
    idents = [notebook.grade_id_of(cell) for cell in cells]
    assert {f"{name}-solution", f"{name}-visible", name} <= set(idents)
    assert re.search(r"stress case|underflow", prose)
    assert "*Figure: " in prose
