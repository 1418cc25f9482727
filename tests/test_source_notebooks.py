"""The instructor's notebooks: they run, say what they should, and are kept tidy."""

from __future__ import annotations

import importlib.util
import itertools
import json
import re

import nbformat
import pytest
from conftest import CHECKOUT
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from autograder import exercises, notebook
from autograder.source import Source, visible_part

SOFTMAX = CHECKOUT / "source" / "softmax" / "softmax.ipynb"
NOTEBOOKS = sorted(CHECKOUT.glob("source/*/*.ipynb"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def run(path, nb):
    """Execute a notebook with nbclient, as Jupyter would."""
    client = NotebookClient(nb, timeout=60, kernel_name="python3", resources={"metadata": {"path": path.parent}})
    client.execute()
    return client.nb


@each_notebook
def test_the_source_runs_without_error_or_warning(path, tmp_path):
    nb = nbformat.read(path, 4)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.source = visible_part(cell.source)
    done = run(path, nb)
    for cell in done.cells:
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr", output.text


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


def test_without_pytorch_its_section_is_skipped_with_a_sentence():
    said = said_by_the_pytorch_section("import sys\nsys.modules['torch'] = None")
    assert said.keys() == {"torch", "torch-pipeline", "torch-gradcheck"}
    for text in said.values():
        assert re.fullmatch(r"[^\n]*PyTorch[^\n]*\.\n", text)


@each_notebook
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
    assert set(asked) == {name for topic, name in exercises.names() if topic == path.stem}
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


def test_the_explorers_of_softmax_draw_under_their_sliders():
    """A page without a kernel shows a sentence in their place, and the static twin comes next."""
    nb = nbformat.read(SOFTMAX, 4)
    wanted = ("setup", "temperature-explorer", "loss-explorer")
    nb.cells = [c for c in nb.cells if c.id in wanted or c.id.endswith("-solution")]
    done = run(SOFTMAX, nb)
    shown = [output.data for cell in done.cells if cell.id in wanted for output in cell.get("outputs", [])]
    assert [set(data) for data in shown] == [{VIEW, "text/plain"}] * 2
    assert all("static twin" in data["text/plain"] for data in shown)
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


NUMBERS = {
    "bayes": [
        *("21/6 = 3.5", "35/12 = 2.9167", "15.1667 - 12.25", "36/12 = 3", "6/36 = 1/6", "0.0727", "0.0739"),
        *("0.8989", "0.9877", "-2.1972", "4.3820", "2.1848", "0.9861", "4/13 = 0.3077"),
        *("9/108 = 0.083", "1/6 = 0.1667", "1/2", "1/12 = 0.083", "0.7984", "0.9504"),
        *("4 / np.pi, 1 / 3", "np.pi / 2, 1 / 2", "4 / 3, 1 / 4", "4/5"),
    ],
    "softmax": [
        *("0.6590, 0.2424, 0.0986", "0.8638, 0.1169, 0.0193", "709.78", "0.2689 0.7311", "11.09"),
        *("0.6931", "2.4170", "3.0986", "-999.6867", "-0.4170, -1.4170, -2.3170", "27.63"),
        *("0.01, 0.36, 0.69, 2.30, 4.61, 6.91", "2.3026", "2.31", "1.1175", "1.0297", "0.8021", "0.5514"),
        *("3.25", "-0.3410, 0.2424, 0.0986", "-0.00067, -0.99966", "[9, 1507]"),
    ],
    "gaussian": [
        *("-0.9189", "-800.9189", "0.6827, 0.9545, 0.9973", "-6.6758", "-6.1220", "1.25", "0.5**1075"),
        *("57 & 77.2", "0.9174", "-2.6891", "0.3935", r"\lambda = \sigma^2/\tau^2", "1.3333", "5.625"),
    ],
    "bernoulli": [
        *("0.2, 0.8, 0.5", "0.0625", "0.1055", "0.3798", "0.5623", "2.30", "0.7111", "36.7", "709.78"),
        *("-0.0397, -0.2437, 0.1667", "−0.00067", "−0.99966", "-0.05, 0.125", "1.6335", "0.0560", "-6.5951"),
    ],
    "divergence": [
        *(
            "1.0397",
            "1.5 bits",
            "0.6931",
            "0.1733",
            "0.1308",
            "0.1438",
            "0.4170",
            "0.4431",
            "1.3069",
            "0.5 both ways",
        ),
        *("1.7230", "1.5388", "0.1841", "2.06", "1.9526", "0.2158", "at most $\\log 2$", "-0.8836"),
    ],
    "matching": [
        *("2.3026", "0.6931", "0.4741", "0.5623", "0.1308", "0.8669", "0.7071", "0.2236", "3.6410", "1.0181"),
        *("[0.9 0.1]", "1.1569", "21 components", "55 components are needed"),
    ],
}


@each_notebook
def test_the_worked_numbers_are_there(path):
    text = "\n".join(cell["source"] for cell in notebook.read(path.read_bytes())["cells"])
    for number in NUMBERS[path.stem]:
        assert number in text, number
