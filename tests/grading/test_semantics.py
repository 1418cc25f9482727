"""Running a notebook gives the outputs that a real kernel gives it.

Every notebook runs twice: by nbclient in ipykernel, and as a submission. What may differ is named in this file,
each with its reason.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from itertools import groupby
from pathlib import Path

import nbgrader
import pytest
from conftest import CHECKOUT
from in_kernel import executed
from kernel_cells import cells_by_name
from nbformat.v4 import new_code_cell, new_notebook
from sampling import sampled

from autograder.notebooks.notebook import IMAGE_TYPES
from autograder.notebooks.outputs import PLAIN_TYPES, as_nbformat
from autograder.notebooks.sanitise import clean_html
from autograder.sandbox.policy import EVERYTHING, Limits
from autograder.sandbox.pool import Pool

pytestmark = pytest.mark.sandbox

PATIENT = Limits(cell_seconds=60, submission_seconds=300)
NBGRADER = Path(nbgrader.__file__).parent
FOLDERS = ("docs/source/user_guide", "tests/apps/files", "tests/preprocessors/files")
LEFT_OUT = {
    "infinite-loop.ipynb": "never ends",
    "infinite-loop-with-output.ipynb": "never ends",
    "timeout.ipynb": "sleeps for five seconds and shows nothing",
    "creating_and_grading_assignments.ipynb": "runs nbgrader's commands; a submission can start no process",
    "managing_assignment_files.ipynb": "runs nbgrader's commands",
    "managing_assignment_files_manually.ipynb": "runs nbgrader's commands",
    "managing_the_database.ipynb": "runs nbgrader's commands",
}
ALONE = ("submitted-cheat-attempt.ipynb", "submitted-cheat-attempt-alternative.ipynb")
"""They spoil IPython for every cell that follows."""

# --- what may differ -------------------------------------------------------------------------------------

TEXTS = {
    r"/tmp/ipykernel_\d+/\d+\.py|\b\d{5,}\.py(?=, line)|<ipython-input-\d+-\w+>": (
        "<cell>",
        "a kernel names each cell as a file that isn't there, IPython by its number",
    ),
    r"~?(/[\w.+-]+)*?/(site-packages|python/site)/": ("<site>/", "a submission's Python is a folder of links"),
    r"~?(/[\w.+-]+)*?/lib/python3\.\d+/": ("<lib>/", "a submission's Python is a folder of links"),
    r"\b0x[0-9a-f]{6,}": ("<address>", "addresses differ from process to process"),
    r"display_id=[0-9a-f]{32}": ("display_id=<random>", "it is drawn at random"),
    r"(CPU times|Wall time): .*": (r"\1", "durations"),
    r"\b[\d.]+ \S+ ± [\d.]+ \S+ per loop": ("<time> per loop", "durations"),
}
"""What differs within a text: a pattern, what stands for it here, and why."""


def plain(text):
    for pattern, (stand_in, _) in TEXTS.items():
        text = re.sub(pattern, stand_in, text)
    return text


def same_streams(outputs):
    """A kernel sends each stream in bursts: their order among themselves is lost, and flushes make parts."""
    kept = []
    for output in outputs:
        if output["output_type"] != "stream":
            kept.append(output)
            continue
        if not (kept and kept[-1]["output_type"] == "streams"):
            kept.append({"output_type": "streams", "stdout": "", "stderr": ""})
        kept[-1][output["name"]] += plain(output["text"])
    return kept


def without_metadata(output):
    """Hints for a front end, like the width of an image, are not kept."""
    return {name: value for name, value in output.items() if name != "metadata"}


def without_active_content(output):
    """Only types that a page may show are kept, and HTML is cleaned."""
    shown = {}
    for kind, value in output["data"].items():
        if kind in IMAGE_TYPES:
            shown[kind] = value  # byte for byte
        elif kind in PLAIN_TYPES or kind == "text/html":
            shown[kind] = clean_html(plain(value)) if kind == "text/html" else plain(value)
    return {**output, "data": {kind: value for kind, value in shown.items() if kind != "text/html" or value}}


def traced(output):
    """Of a traceback its headline, the notebook's own frames and the exception are compared, without colours.

    The sandbox has a formatter of its own, which names no arguments. A kernel's shell, streams and displays are
    other functions than ours. In its cells IPython 9.18 finds no source: it marks no expression, repeats similar
    frames, and takes for a frame's line the one that ran last.
    """
    frames = [plain(re.sub(r"\x1b\[[\d;]*m", "", frame)) for frame in output["traceback"]]
    own = [re.findall(r"^(Cell In\[\d+\]), line \d+(, in [^(\n]*)?", frame, re.MULTILINE) for frame in frames[2:]]
    steps = [step for step, _ in groupby(step for step in own if step)]
    # A syntax error is one part, in which IPython has a caret of its own length.
    head = frames[:2] if len(frames) > 1 else frames[0].splitlines()[:2]
    return {
        "output_type": "error",
        "ename": output["ename"][:80],  # cut where they are longer than anybody reads
        "evalue": plain(output["evalue"])[:4000],
        "traceback": [*head, *steps, _exception(frames[-1])],
    }


def _exception(text):
    """The last line of a traceback: its type, without the modules that IPython leaves out, and its text."""
    if text.startswith("  Cell"):
        text = text.splitlines()[-1]
    kind, colon, rest = text.partition(":")
    return f"{kind.rpartition('.')[2]}{colon}{rest}"[:3000].rstrip(": \n")


def normalised(outputs):
    """The outputs of a cell without what may differ."""
    change = {"error": traced, "stream": dict}
    return same_streams(change.get(o["output_type"], without_active_content)(without_metadata(o)) for o in outputs)


DIFFERENT = {
    "input": "a sentence for the student, and not about front ends",
    "getpass": "a sentence for the student, and not about front ends",
    "update-later": "a cell's outputs have been handed over when the next one runs",
    "background": "what a task prints belongs to the cell in which it is printed",
    "text-fails": "the exception is named, not the failure to describe it",
    "shell": "a submission can start no process",
    "descriptor": "only what passes Python's streams is recorded",
    "front-end-magic": "there is no front end to talk to",
}
"""Cells below that do differ, and why."""

# --- the two ways to run a notebook ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def patient_pool():
    pool = Pool(PATIENT)
    yield pool
    pool.close()


def by_kernel(cells, files, folder):
    """The outputs that ipykernel sends, as nbclient collects them."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    done = executed(notebook, folder, {"NBGRADER_EXECUTION": "autograde"}, timeout=600, allow_errors=True)
    return [cell["outputs"] for cell in done["cells"]]


def as_submission(cells, files, pool, fixed=()):
    """The outputs that the same cells have in a submission; some may be compiled before it starts."""
    with pool.session({EVERYTHING}, files, fixed=fixed) as session:
        done = [session.run_cell(cell)[0] for cell in cells]
    return [[as_nbformat(output) for output in cell.outputs] for cell in done]


def both(cells, files, pool, folder):
    """Pairs of a cell's outputs: a kernel's, and ours."""
    theirs, ours = by_kernel(cells, files, folder), as_submission(cells, files, pool)
    learned = as_submission(cells, files, pool, fixed=cells)
    assert [normalised(outputs) for outputs in learned] == [normalised(outputs) for outputs in ours]
    return [(normalised(a), normalised(b)) for a, b in zip(theirs, ours, strict=True)]


# --- nbgrader's notebooks and our own --------------------------------------------------------------------


def code_of(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return [source for source in sources if source.strip()]


def notebooks():
    """nbgrader's notebooks by folder, each program once; those in a folder share a kernel to save time."""
    seen, found = set(), defaultdict(list)
    for path in (path for folder in FOLDERS for path in sorted((NBGRADER / folder).rglob("*.ipynb"))):
        program = tuple(code_of(path))
        if path.name not in LEFT_OUT and program and program not in seen:
            seen.add(program)
            group = path if path.name in ALONE else path.parent
            found[str(group.relative_to(NBGRADER))].append(path)
    return found


NOTEBOOKS = notebooks()


@pytest.mark.parametrize("group", sampled(NOTEBOOKS, every=0, rest=4))
def test_nbgrader_s_notebooks_show_what_they_show_in_a_kernel(group, patient_pool, tmp_path):
    folder = NOTEBOOKS[group][0].parent
    files = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file() and p.suffix != ".ipynb"}
    cells = [(path.name, cell) for path in NOTEBOOKS[group] for cell in ("%reset -f", *code_of(path))]
    pairs = both([cell for _, cell in cells], files, patient_pool, tmp_path)
    for (name, cell), (theirs, ours) in zip(cells, pairs, strict=True):
        assert ours == theirs, f"{name}: {cell}"


def test_what_is_left_out_is_there():
    found = {path.name for folder in FOLDERS for path in (NBGRADER / folder).rglob("*.ipynb")}
    assert {*LEFT_OUT, *ALONE} <= found
    assert sum(map(len, NOTEBOOKS.values())) > 30


@pytest.mark.deep
def test_our_own_notebook_shows_what_it_shows_in_a_kernel(patient_pool, tmp_path):
    """Its sealed cells don't run in a submission: they are asked instead."""
    folder = CHECKOUT / "source" / "softmax"
    cells = [cell for cell in code_of(folder / "softmax.ipynb") if "from autograder import" not in cell]
    files = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.py")}
    for cell, (theirs, ours) in zip(cells, both(cells, files, patient_pool, tmp_path), strict=True):
        assert seen(ours) == seen(theirs), cell


def seen(outputs):
    """Outputs without what is for a browser alone: the texts of pictures, and what names sliders."""
    bundles = [output.get("data", {}) for output in outputs]
    return [
        bundle.get("image/png") or output
        for bundle, output in zip(bundles, outputs, strict=True)
        if "Javascript object" not in bundle.get("text/plain", "")
    ]


# --- cells of our own ------------------------------------------------------------------------------------


@pytest.mark.deep
def test_cells_show_what_they_show_in_a_kernel(patient_pool, tmp_path):
    """One notebook, whose cells build on one another; the cells said to differ do."""
    cells = cells_by_name()
    pairs = both(list(cells.values()), {}, patient_pool, tmp_path)
    for name, (theirs, ours) in zip(cells, pairs, strict=True):
        if name in DIFFERENT:
            assert ours != theirs, name
        else:
            assert ours == theirs, name
    assert set(DIFFERENT) <= set(cells)
