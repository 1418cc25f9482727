"""What students receive: fresh, without secrets, and the same on every machine."""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import tiny_course
from conftest import CHECKOUT

from autograder.commands import release as module
from autograder.commands.opening import CannotGradeError
from autograder.commands.precheck import notebooks
from autograder.commands.release import (
    ReleaseError,
    _role,
    _worth,
    digests_to_prove,
    leaks,
    precheck_script,
    prove_solutions,
    release,
    released_cells,
    secret_lines,
    untagged_shows,
)
from autograder.commands.source_faults import source_faults
from autograder.course import Course
from autograder.exercises import TOPICS, everything
from autograder.notebooks import notebook
from autograder.notebooks.source import Source, SourceCell


def files_of(folder):
    """The files of a folder by name, without what running a notebook there leaves."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & {part.name for part in path.parents}
    }


each_topic = pytest.mark.parametrize("topic", TOPICS)
each_released_topic = pytest.mark.parametrize(
    "topic", [pytest.param(topic, marks=() if topic == "softmax" else pytest.mark.slow) for topic in TOPICS]
)


@pytest.fixture
def course_of(request, topic):
    """A course where the topic is released: of softmax alone, which the fast tests have, or of all topics."""
    return request.getfixturevalue("released_course" if topic == "softmax" else "whole_course")


@each_released_topic
def test_the_committed_release_is_what_the_source_gives(course_of, topic):
    """`make release` changes nothing."""
    made = files_of(course_of.folder("release", assignment=topic))
    committed = files_of(CHECKOUT / "release" / topic)
    assert made.keys() == committed.keys()
    for name, content in made.items():
        assert content == committed[name], f"release/{topic}/{name} is stale: run make release"


@each_released_topic
def test_the_committed_release_leaks_nothing(course_of, topic):
    assert list(leaks(course_of, topic)) == []


@each_topic
def test_a_release_holds_no_outputs_and_no_word_of_the_grader(topic):
    text = (CHECKOUT / "release" / topic / f"{topic}.ipynb").read_text()
    for cell in json.loads(text)["cells"]:
        assert not cell.get("outputs")
    for word in ("autograder", "from solutions", "BEGIN ", "### END"):
        assert word not in text


@each_topic
def test_a_stub_raises_and_is_short(topic):
    released = notebook.read((CHECKOUT / "release" / topic / f"{topic}.ipynb").read_bytes())
    stubs = [c for c in released["cells"] if (notebook.grade_id_of(c) or "").endswith("-solution")]
    assert len(stubs) == sum(of == topic for of, _ in everything())
    for cell in stubs:
        assert "raise NotImplementedError" in cell["source"]
        assert len(cell["source"].splitlines()) <= 12


def imported(folder):
    """The packages that a folder's notebooks and modules import anywhere, functions included."""
    texts = [path.read_text() for path in folder.glob("*.py")]
    for path in folder.glob("*.ipynb"):
        texts += [c["source"] for c in notebook.read(path.read_bytes())["cells"] if c["cell_type"] == "code"]
    nodes = [node for text in texts for node in ast.walk(ast.parse(text))]
    found = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    found |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in found}


def test_a_student_needs_what_the_requirements_name_and_no_more():
    """NumPy, matplotlib, ipywidgets and the kernel's own IPython; and PyTorch where it happens to be there."""
    lines = (CHECKOUT / "release" / "requirements.txt").read_text().splitlines()
    wanted = {re.match(r"[a-z]+>=[0-9.]+", line)[0].partition(">=")[0] for line in lines if line[0] != "#"}
    there = sys.stdlib_module_names | {"figures", "IPython"}
    used = {topic: imported(CHECKOUT / "release" / topic) - there for topic in TOPICS}
    used["softmax"] -= {"torch"}
    for topic, packages in used.items():
        assert packages <= wanted, topic
    assert set.union(*used.values()) == wanted - {"jupyterlab"}


@pytest.mark.parametrize(
    ("place", "planted"),
    [
        ("softmax.ipynb", "    weights = np.exp(z - np.max(z, axis=axis, keepdims=True))"),
        ("softmax.ipynb", 'check("softmax", softmax, points=4)'),
        ("softmax.ipynb", "### BEGIN HIDDEN TESTS"),
        ("softmax.ipynb", "1 point: names p(1 - p), the derivative of the sigmoid (saturation)."),
        ("figures.py", "from autograder import check"),
        ("figures.py", "import solutions.softmax"),
        ("figures.py", "    gradient[np.arange(len(y)), y] -= 1.0"),
        ("notes.txt", "### BEGIN SOLUTION"),
    ],
)
def test_a_planted_leak_is_found(course, place, planted):
    """A line of a solution, a hidden test, a mark scheme or an import of the grader is named, wherever it lies."""
    path = course.folder("release", assignment="softmax") / place
    if path.suffix == ".ipynb":
        released = json.loads(path.read_text())
        released["cells"][3]["source"] = planted
        path.write_text(json.dumps(released))
    else:
        path.write_text((path.read_text() if path.exists() else "") + planted + "\n")
    found = list(leaks(course, "softmax"))
    assert len(found) == 1
    assert found[0].startswith(place)
    assert planted.strip() in found[0]


def test_only_what_is_nowhere_public_counts_as_secret():
    """A line that stands in the visible text as well gives nothing away."""
    cell = {"grade_id": "f-solution", "grade": False, "solution": True, "locked": False}
    text = "x = np.asarray(z)\n### BEGIN SOLUTION\nx = np.asarray(z)\nreturn x / x.sum()\n### END SOLUTION"
    source = {
        "cells": [{"cell_type": "code", "source": text, "metadata": {"nbgrader": cell}}],
        "metadata": {"kernelspec": {}},
    }
    assert secret_lines(source) == {"return x / x.sum()"}


def sealed_cell(text, *, grade_id="softmax", points=4.0):
    hidden = f"# Hidden.\n### BEGIN HIDDEN TESTS\n{text}\n### END HIDDEN TESTS"
    return SourceCell(grade_id, "code", hidden, grade=True, solution=False, locked=True, task=False, points=points)


IMPORT = "from autograder import check\n"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (sealed_cell(IMPORT + 'check("softmax", softmax, points=3)'), "worth 4 points, but its check call says 3"),
        (sealed_cell(IMPORT + 'check("softmax", softmax)'), "but its check call says none"),
        (sealed_cell(IMPORT + 'check("nope", nope, points=4)', grade_id="nope"), "not registered"),
        (sealed_cell(IMPORT + 'check("softmax", softmax, points=4)', grade_id="other"), "is not sealed"),
        (sealed_cell(IMPORT + 'check("softmax", softmax, points=4)\nassert True'), "is not sealed"),
    ],
)
def test_an_inconsistent_sealed_cell_is_refused(cell, said):
    faults = list(source_faults(Source((cell,))))
    assert len(faults) == 1
    assert said in faults[0]


def test_an_inconsistent_source_generates_nothing(course):
    """The earlier release is unchanged."""
    path = course.folder("source", assignment="softmax") / "softmax.ipynb"
    path.write_text(
        path.read_text().replace(
            'check(\\"softmax\\", softmax, points=4)', 'check(\\"softmax\\", softmax, points=5)'
        )
    )
    before = files_of(course.folder("release", assignment="softmax"))
    with pytest.raises(ReleaseError, match="worth 4 points"):
        release(course, "softmax")
    assert files_of(course.folder("release", assignment="softmax")) == before


DRAWS = {
    "figures.race(softmax, 3)": True,
    "figures.one()\nplt.show()": True,
    "p = softmax(z)\nfigures.bars(p)": False,
    "figures.bars(p := softmax(z))": False,
    "print(softmax(z))": False,
    "import figures": False,
    "%matplotlib inline": False,
    "": False,
}


@pytest.mark.parametrize(("text", "proposed"), DRAWS.items())
def test_a_cell_that_binds_no_name_is_proposed_for_the_tag_until_it_has_it(course, text, proposed):
    path = course.folder("source", assignment="softmax") / "softmax.ipynb"
    nb = notebook.read(path.read_bytes())
    where = f"Cell {len(nb['cells']) + 1} of softmax.ipynb binds no name and carries no marks."
    mine = {**nb["cells"][-1], "cell_type": "code", "id": "mine", "metadata": {}, "source": text}
    for tags, expected in (([], [where] if proposed else []), ([notebook.ONLY_SHOWS], [])):
        mine["metadata"] = {"tags": tags}
        path.write_text(json.dumps({**nb, "cells": [*nb["cells"], mine]}))
        assert [line.split(" If ")[0] for line in untagged_shows(course, "softmax")] == expected


@each_released_topic
def test_every_cell_of_the_course_that_only_draws_says_so(course_of, topic):
    assert list(untagged_shows(course_of, topic)) == []
    assert course_of.source(topic, topic).shows


# --- each part by itself ---------------------------------------------------------------------------------


def cell_of(source, cell_type="code", **flags):
    usual = {"grade": False, "solution": False, "locked": False, "task": False, "points": 0.0}
    return SourceCell("f", cell_type, source, **(usual | flags))


@pytest.mark.parametrize(
    ("cell", "role"),
    [
        (cell_of("Write.", "markdown", task=True), "task"),
        (cell_of("Why?", "markdown", grade=True, solution=True), "answer"),
        (cell_of("def f(): ...", solution=True), "solution"),
        (cell_of("assert f(1)", locked=True), "check"),
        (cell_of("for x in y:\n    assert x", locked=True, grade=True), "check"),
        (cell_of("import numpy", locked=True), "locked"),
        (cell_of("# assert f(1)", locked=True), "locked"),
        (cell_of("%assert", locked=True), "locked"),
        (cell_of("assert f(1)", "markdown", locked=True), "locked"),
    ],
)
def test_the_role_of_a_released_cell(cell, role):
    assert _role(cell) == role


def lines_of(text, cell_type="code", **flags):
    """The secret lines of a notebook with one cell of this kind, and before it one that shows `y = visible`."""
    meta = {"grade_id": "f", "grade": False, "solution": False, "locked": False, "task": False} | flags
    shown = {"cell_type": "code", "source": "y = visible(1)", "metadata": {}}
    cell = {"cell_type": cell_type, "source": text, "metadata": {"nbgrader": meta}}
    return secret_lines({"cells": [shown, cell], "metadata": {"kernelspec": {}}})


@pytest.mark.parametrize(
    ("text", "flags", "secret"),
    [
        ("x = secret(12)\ny = visible(1)", {"solution": True}, {"x = secret(12)"}),
        (
            "# shown here\n### BEGIN HIDDEN TESTS\nassert secret(1)\n### END HIDDEN TESTS\n# and shown",
            {"grade": True, "locked": True},
            {"assert secret(1)"},
        ),
        (
            "### BEGIN MARK SCHEME\ntwo points each\n### END MARK SCHEME\nshown to all",
            {"task": True},
            {"two points each"},
        ),
        ("### BEGIN SOLUTION\n  12 letters..\n### END SOLUTION", {"solution": True}, {"12 letters.."}),
        ("### BEGIN SOLUTION\n11 letters.\n### END SOLUTION", {"solution": True}, set()),
        (
            2 * "### BEGIN SOLUTION\nsecret one 1\n### END SOLUTION\nshown to all\n",
            {"solution": True},
            {"secret one 1"},
        ),
        ("nothing secret here", {"locked": True}, set()),
    ],
)
def test_the_secret_lines_of_a_cell(text, flags, secret):
    assert lines_of(text, **flags) == secret


@pytest.fixture
def tiny(tmp_path):
    """A course with one released assignment, and another that is not released."""
    root = tiny_course.make(tmp_path)
    (root / "release" / "hw").mkdir(parents=True)
    (root / "release" / "hw" / "hw.ipynb").write_bytes(
        tiny_course.notebook(solution=tiny_course.STUB, kind="submitted")
    )
    (root / "source" / "later").mkdir()
    (root / "source" / "later" / "later.ipynb").write_bytes(tiny_course.notebook())
    return Course(root)


def test_the_cells_of_what_is_released_go_into_the_precheck_and_of_nothing_else(tiny):
    cells = released_cells(tiny)
    assert {name: list(books) for name, books in cells.items()} == {"hw": ["hw"]}
    assert [(name, kind, role) for name, kind, role, _ in cells["hw"]["hw"]] == [
        *(
            ("entropy-solution", "code", "solution"),
            ("entropy-visible", "code", "check"),
            ("entropy", "code", "locked"),
        ),
    ]
    assert cells["hw"]["hw"][0][3] == notebooks.digest(tiny_course.STUB)
    tree = ast.parse(precheck_script(tiny))
    (value,) = [
        node.value for node in tree.body if isinstance(node, ast.AnnAssign) and node.target.id == "RELEASED"
    ]
    assert ast.literal_eval(value) == cells


def test_a_release_may_hold_what_only_looks_like_a_leak(tiny):
    path = tiny.folder("release", assignment="hw") / "notes" / "more.txt"
    path.parent.mkdir()
    path.write_bytes(b"from solution import x\nimport\nreturn\nimportant: autograder\n\xff\n")
    assert list(leaks(tiny, "hw")) == []
    path.write_text(
        "  from solutions.hw import f\nimport autograder.api as a\n"
        "    return float(-np.sum(p * np.log(nonzero)))\n"
    )
    found = list(leaks(tiny, "hw"))
    assert [line.partition(": ")[0] for line in found] == [
        *["notes/more.txt imports what students don't have"] * 2,
        "notes/more.txt holds a line of a solution or a hidden test",
    ]


def test_cells_that_only_draw_are_counted_in_one_sentence(tiny):
    path = tiny.folder("source", assignment="hw") / "hw.ipynb"
    marks = {"grade_id": "d", "grade": True, "locked": True, "solution": False, "task": False, "points": 1}
    more = [tiny_course.code("figures.bars()", id=f"d{n}") for n in range(2)]
    more.append(tiny_course.code("figures.bars()", id="d", metadata={"nbgrader": marks}))
    path.write_bytes(tiny_course.with_cells(tiny_course.notebook(), *more))
    (line,) = untagged_shows(tiny, "hw")
    assert line.startswith("Cells 5, 6 of hw.ipynb bind no name and carry no marks.")


def test_full_marks_are_said_only_where_there_are_any(tiny):
    assert _worth(tiny, "hw") == "its own solution gets full marks"
    path = tiny.folder("source", assignment="later") / "later.ipynb"
    path.write_bytes(tiny_course.as_bytes(tiny_course.code("x = 1", id="x")))
    assert _worth(Course(tiny.root), "later") == "no cell of it carries marks"


# --- the command, with what it works with ----------------------------------------------------------------


@pytest.fixture
def made(monkeypatch):
    """Which assignments were released; those with a fault in ``refused`` are not."""
    done = SimpleNamespace(released=[], refused={}, gone={}, shows={})

    def release_of(course, name):
        if name in done.refused:
            raise ReleaseError(done.refused[name])
        done.released.append(name)
        return Path("release") / name

    monkeypatch.setattr(module, "release", release_of)
    monkeypatch.setattr(
        module, "gone", lambda _, name, book: [] if name in done.released else done.gone.get(book, [])
    )
    monkeypatch.setattr(module, "untagged_shows", lambda _, name: done.shows.get(name, []))
    return done


HOLDS = "holds no solution and no hidden test; its own solution gets full marks"


def test_every_assignment_is_released_or_those_that_are_named_in_their_order(tiny, made, capsys):
    assert module.run(tiny.root, ()) == 0
    assert made.released == ["hw", "later"]
    assert capsys.readouterr().out == f"✓ hw: release/hw {HOLDS}\n✓ later: release/later {HOLDS}\n"
    made.released.clear()
    assert module.run(tiny.root, ("later", "hw")) == 0
    assert made.released == ["later", "hw"]


def test_an_assignment_that_can_not_be_released_stops_no_other_and_is_told_by_the_status(tiny, made, capsys):
    made.refused["hw"] = ["one fault", "and another"]
    made.gone["hw"] = ["f"]
    made.shows["hw"] = ["Cell 5 only draws."]
    assert module.run(tiny.root, ()) == 1
    assert made.released == ["later"]
    assert capsys.readouterr().out == f"✗ hw: one fault\nand another\n✓ later: release/later {HOLDS}\n"


def test_what_the_release_before_had_is_looked_up_before_it_is_made_anew_and_said_after(tiny, made, capsys):
    made.gone["hw"] = ["f", "g"]
    made.shows["hw"] = ["Cell 5 only draws.", "Cell 1 too."]
    module.run(tiny.root, ("hw",))
    assert capsys.readouterr().out.splitlines() == [
        f"✓ hw: release/hw {HOLDS}",
        "! hw: the release before had hw.ipynb: the marked cells “f” and “g”, which the source has no longer.",
        "· Cell 5 only draws.",
        "· Cell 1 too.",
    ]


def test_an_assignment_that_is_not_there_stops_all(tiny, made):
    with pytest.raises(CannotGradeError, match="no assignment “hv”"):
        module.run(tiny.root, ("hw", "hv"))
    assert made.released == []


@pytest.fixture
def proving(tiny, monkeypatch):
    """Prove `hw` with two notebooks; ``graded`` holds those that were, ``found`` the faults by notebook."""
    (tiny.root / "source" / "hw" / "extra.ipynb").write_bytes(tiny_course.notebook(text="# Another"))
    course = Course(tiny.root)
    state = SimpleNamespace(course=course, graded=[], found={}, early={}, before={})

    def faults(source, content, files, settings):
        name = "extra" if b"# Another" in content else "hw"
        state.graded.append(name)
        return iter(state.found.get(name, []))

    monkeypatch.setattr(module.proof, "faults", faults)
    monkeypatch.setattr(module, "faults_of", lambda _, assignment, name: state.early.get(name, []))
    state.book = SimpleNamespace(course=course, last_release=lambda _, name: state.before.get(name))
    return state


def test_a_source_is_graded_unless_it_was_proved_as_it_is(proving):
    digests = prove_solutions(proving.book, "hw")
    assert sorted(digests) == sorted(proving.graded) == ["extra", "hw"]
    assert digests["hw"] != digests["extra"]
    proving.graded.clear()
    proving.before = {"hw": SimpleNamespace(proved=digests["hw"]), "extra": SimpleNamespace(proved="another")}
    assert prove_solutions(proving.book, "hw") == digests
    assert proving.graded == ["extra"]
    path = proving.course.root / "source" / "hw" / "hw.ipynb"
    path.write_bytes(tiny_course.notebook(text="# Changed"))
    assert digests_to_prove(Course(proving.course.root), "hw")["hw"] != digests["hw"]
    (path.parent / "data.csv").write_text("1,2")
    changed = digests_to_prove(Course(proving.course.root), "hw")
    assert changed["extra"] != digests["extra"]


def test_the_faults_of_all_notebooks_are_told_and_those_beside_the_main_one_with_their_name(proving):
    proving.found = {"hw": ["“f” has 1 of 4 marks", "“g” stops"], "extra": ["“f” stops"]}
    with pytest.raises(ReleaseError) as caught:
        prove_solutions(proving.book, "hw")
    assert sorted(caught.value.findings) == ["extra.ipynb: “f” stops", "“f” has 1 of 4 marks", "“g” stops"]


def test_a_source_whose_cells_are_faulty_is_not_graded(proving):
    proving.early = {"hw": ["“f” asks for more"]}
    with pytest.raises(ReleaseError, match="“f” asks for more"):
        prove_solutions(proving.book, "hw")
    assert proving.graded == ["extra"]
