"""A whole class in a scratch course: released, submitted, graded, with gradebook and feedback.

The class is made of the declared behaviours under ``tests/submissions/``, filled into the released notebook as a
student would, and of notebooks damaged on the way.
"""

from __future__ import annotations

import ast
import copy
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from autograder.commands.console import print_class, say
from autograder.commands.grade import grade_into
from autograder.commands.opening import CannotGradeError, grader_for
from autograder.course import Course
from autograder.gradebook.database import NbgraderError
from autograder.grading.settings import Settings
from autograder.notebooks import notebook
from autograder.notebooks.notebook import Notebook
from autograder.reports.text import checks_as_text
from autograder.sandbox.policy import Limits

CHECKOUT = Path(__file__).parents[2]
TOPIC = "softmax"
PERFECT = "perfect"
SHOWN = "naive"
LIMITS = Limits(cell_seconds=2, call_seconds=1, submission_seconds=90)


def run(into: Path | None, jobs: int) -> int:
    """Play a class, print its marks and where everything is; return the exit status.

    Parameters
    ----------
    into
        An empty folder for the scratch course; a new one among the temporary files by default.
    jobs
        How many submissions are graded at the same time.
    """
    behaviours = CHECKOUT / "tests" / "submissions" / TOPIC
    if not behaviours.is_dir():
        raise CannotGradeError("The demo needs a checkout of the project: its class is tests/submissions/.")
    settings = Settings(b"a demo needs no secret: its class is public", limits=LIMITS)
    with grader_for(settings) as grader:
        from autograder.gradebook.gradebook import Gradebook  # noqa: PLC0415  # nbgrader takes seconds to import

        course = _lay_out(into)
        try:
            with Gradebook(course) as gradebook:
                gradebook.generate_assignment(TOPIC)
                _submit(course, behaviours)
                found = course.submitted(TOPIC).notebooks
                reports = grade_into(gradebook, grader, found, {"jobs": jobs, "force": False, "results": None})
                gradebook.commit()
                gradebook.generate_feedback(TOPIC, "*")
        except NbgraderError as error:
            raise CannotGradeError(str(error)) from None
    print_class(reports)
    shown = next(report for report in reports if report.student == SHOWN)
    cell = next(cell for cell in shown.cells if cell.misconceptions)
    say(f"\nWhat {SHOWN} reads about {cell.exercise}:\n")
    click.echo(checks_as_text(cell.checks))
    click.echo(f"\ngradebook  {course.root / 'gradebook.db'}")
    click.echo(f"feedback   {course.folder('feedback', SHOWN, TOPIC) / f'{TOPIC}.html'}")
    click.echo(f"notebooks  {course.folder('autograded', '*', TOPIC)}")
    return 0


def _lay_out(into: Path | None) -> Course:
    root = into.absolute() if into else Path(tempfile.mkdtemp(prefix="autograder-demo-"))
    root.mkdir(parents=True, exist_ok=True)
    if any(root.iterdir()):
        raise CannotGradeError(f"{root} is not empty; name another folder.")
    shutil.copy(CHECKOUT / "nbgrader_config.py", root)
    shutil.copytree(CHECKOUT / "source" / TOPIC, root / "source" / TOPIC)
    return Course(root)


# --- submissions -----------------------------------------------------------------------------------------


def _submit(course: Course, behaviours: Path) -> None:
    released = course.folder("release", assignment=TOPIC)
    blank = notebook.read((released / f"{TOPIC}.ipynb").read_bytes())
    perfect = (behaviours / f"{PERFECT}.py").read_text(encoding="utf-8")
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(behaviours.glob("*.py"))}
    contents = {
        name: write(fill_in(blank, text, "" if "everything" in text else perfect)) for name, text in texts.items()
    }
    good = fill_in(blank, perfect)
    contents |= {name: damage(good) for name, damage in DAMAGES.items()}
    for student, content in contents.items():
        folder = course.folder("submitted", student, TOPIC)
        folder.mkdir(parents=True)
        shutil.copytree(released, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.ipynb"))
        (folder / f"{TOPIC}.ipynb").write_bytes(content)
    linked = course.folder("submitted", "linked", TOPIC)
    linked.mkdir(parents=True)
    (linked / f"{TOPIC}.ipynb").symlink_to(course.folder("source", assignment=TOPIC) / f"{TOPIC}.ipynb")


def write(nb: Notebook) -> bytes:
    """Return a notebook as a file's content."""
    return json.dumps(nb, indent=1, ensure_ascii=False).encode()


def fill_in(blank: Notebook, text: str, rest: str = "") -> Notebook:
    """Write a ``.py`` file into a released notebook, each function into the cell that asks for it.

    What is no such function (imports, helpers, mischief) goes into a cell before the first of them. Functions that
    the file doesn't define are taken from ``rest``.
    """
    filled = copy.deepcopy(blank)
    mine, theirs = _functions(text), _functions(rest)
    wanted = {}
    for cell in filled["cells"]:
        ident = notebook.grade_id_of(cell) or ""
        name = ident.removesuffix("-solution")
        if ident.endswith("-solution") and (name in mine or name in theirs):
            cell["source"] = wanted[name] = mine.get(name, theirs.get(name, ""))
    other = _without(text, wanted)
    if other.strip():
        first = next(
            i for i, c in enumerate(filled["cells"]) if (notebook.grade_id_of(c) or "").endswith("-solution")
        )
        extra: notebook.Cell = {
            "cell_type": "code",
            "id": "own",
            "metadata": {},
            "source": other,
            "outputs": [],
            "execution_count": None,
        }
        filled["cells"].insert(first, extra)
    return filled


def _functions(text: str) -> dict[str, str]:
    """Return the source of each top-level definition by its name, none where the text doesn't parse."""
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return {}
    named = [(name, node) for node in body if (name := _name_of(node))]
    return {name: ast.get_source_segment(text, node) or "" for name, node in named}


def _name_of(node: ast.stmt) -> str | None:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.Assign(targets=[ast.Name(id=name)]):
            return name
    return None


def _without(text: str, functions: dict[str, Any]) -> str:
    """Return a file's text without some of its top-level functions, and without its docstring."""
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return text
    is_docstring = [isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body]
    kept = [
        ast.get_source_segment(text, node) or ""
        for node, docstring in zip(body, is_docstring, strict=True)
        if not docstring and _name_of(node) not in functions
    ]
    return "\n".join(kept)


# --- damage ----------------------------------------------------------------------------------------------


def _test_cell(nb: Notebook) -> notebook.Cell:
    return next(cell for cell in nb["cells"] if notebook.grade_id_of(cell) == TOPIC)


def truncated(nb: Notebook) -> bytes:
    """An upload that broke off."""
    return write(nb)[:5000]


def empty(_: Notebook) -> bytes:
    """A file without content."""
    return b""


def other_assignment(nb: Notebook) -> bytes:
    """A notebook of another assignment."""
    changed = copy.deepcopy(nb)
    for cell in changed["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["grade_id"] = f"bayes-{cell['metadata']['nbgrader']['grade_id']}"
    return write(changed)


def without_tests(nb: Notebook) -> bytes:
    """A notebook whose test cells were deleted."""
    changed = copy.deepcopy(nb)
    changed["cells"] = [cell for cell in changed["cells"] if not notebook.nbgrader_of(cell).get("grade")]
    return write(changed)


def without_metadata(nb: Notebook) -> bytes:
    """A notebook that went through a tool that drops metadata."""
    changed = copy.deepcopy(nb)
    for cell in changed["cells"]:
        cell["metadata"] = {}
    return write(changed)


def doubled(nb: Notebook) -> bytes:
    """A notebook with a test cell pasted twice."""
    changed = copy.deepcopy(nb)
    changed["cells"].append(copy.deepcopy(_test_cell(changed)))
    return write(changed)


def rewritten_tests(nb: Notebook) -> bytes:
    """A notebook whose test cell was edited to give itself marks, with more points than it has."""
    changed = copy.deepcopy(nb)
    cell = _test_cell(changed)
    cell["source"] = "100.0"
    cell["metadata"]["nbgrader"]["points"] = 100
    cell["outputs"] = [
        {
            "output_type": "execute_result",
            "data": {"text/plain": "100.0"},
            "metadata": {},
            "execution_count": 1,
        }
    ]
    solution = next(c for c in changed["cells"] if notebook.grade_id_of(c) == f"{TOPIC}-solution")
    solution["source"] = "def softmax(z, axis=-1, temperature=1.0):\n    return 1.0"
    return write(changed)


DAMAGES: dict[str, Callable[[Notebook], bytes]] = {
    "damaged_truncated": truncated,
    "damaged_empty": empty,
    "damaged_other_assignment": other_assignment,
    "damaged_without_tests": without_tests,
    "damaged_without_metadata": without_metadata,
    "damaged_doubled": doubled,
    "damaged_rewritten_tests": rewritten_tests,
}
