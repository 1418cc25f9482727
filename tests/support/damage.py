"""What editors, students and git do to a notebook, each as a function; docs/repairs.md says what comes of it.

A case changes a good submission, which has answered everything, and of which a person is to mark one answer.
``python tests/support/damage.py`` writes the page.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stock import FAILS, STOPS

PAGE = Path(__file__).parents[2] / "docs" / "repairs.md"

# --- a small course --------------------------------------------------------------------------------------


def cell(ident, kind, source, **flags):
    meta = {"grade_id": ident, "grade": False, "solution": False, "locked": False, "task": False}
    meta |= {"schema_version": 3, "cell_type": kind, **flags}
    made = {"cell_type": kind, "id": ident, "metadata": {"nbgrader": meta}, "source": source}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def notebook(*cells):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    info = {"name": "python", "version": "3.11.9", "file_extension": ".py", "mimetype": "text/x-python"}
    metadata = {"kernelspec": kernel, "language_info": info}
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


SETUP = """import math

def credit(x):
    return 3 * (1 + (x - math.pi))"""
TEST = "assert double(2) == 4\n### BEGIN HIDDEN TESTS\nassert double(-1) == -2\n### END HIDDEN TESTS"
SOURCE = notebook(
    cell("setup", "code", SETUP, locked=True),
    cell(
        "double-solution",
        "code",
        "### BEGIN SOLUTION\ndef double(x): return 2 * x\n### END SOLUTION",
        solution=True,
    ),
    cell("double", "code", TEST, grade=True, locked=True, points=2),
    cell("area-solution", "code", "### BEGIN SOLUTION\narea = math.pi\n### END SOLUTION", solution=True),
    cell("area", "code", "credit(area)", grade=True, locked=True, points=3),
    cell("why", "markdown", "Because.", grade=True, solution=True, points=4),
)
GOOD = {"double-solution": "def double(x): return 2 * x", "area-solution": "area = math.pi", "why": "It is so."}


def submission(released: bytes) -> dict[str, Any]:
    """Return a released notebook as a good student hands it in."""
    book = json.loads(released)
    for own in book["cells"]:
        name = own["metadata"]["nbgrader"]["grade_id"]
        own["source"] = GOOD.get(name, "".join(own["source"]))
    return book


# --- what is done to it ----------------------------------------------------------------------------------


def find(book, name):
    return next(cell for cell in book["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == name)


def meta(book, name):
    return find(book, name)["metadata"]["nbgrader"]


def doubled(book):
    book["cells"].append(copy.deepcopy(find(book, "double")))


def split(book):
    place = book["cells"].index(find(book, "area"))
    first, second = book["cells"][place], copy.deepcopy(book["cells"][place])
    first["source"], second["source"] = "assert area > 3", "assert area < 4"
    second["id"] = "split-off"
    book["cells"].insert(place + 1, second)


def deleted(name):
    return lambda book: book["cells"].remove(find(book, name))


def without_metadata(*names):
    def change(book):
        for own in book["cells"]:
            if not names or own["metadata"]["nbgrader"]["grade_id"] in names:
                del own["metadata"]["nbgrader"]

    return change


def set_meta(name, **values):
    return lambda book: meta(book, name).update(values)


def without_meta(name, key):
    return lambda book: meta(book, name).pop(key)


def edited(name, source):
    return lambda book: find(book, name).update(source=source)


def in_double(code):
    return edited("double-solution", f"def double(x):\n    {code}\n    return 2 * x")


def in_area(value):
    return edited("area-solution", f"import numpy as np\narea = {value}")


def retyped(name, kind):
    def change(book):
        own = find(book, name)
        own["cell_type"] = kind
        if kind != "code":
            own.pop("outputs", None)
            own.pop("execution_count", None)
        else:
            own |= {"outputs": [], "execution_count": None}

    return change


def kernel(spec):
    def change(book):
        book["metadata"].pop("kernelspec")
        if spec:
            book["metadata"]["kernelspec"] = spec

    return change


def schema(version):
    """The metadata of an nbgrader of that time: no task before 3, no cell type before 1, no version at 0."""

    def change(book):
        for own in book["cells"]:
            its = own["metadata"]["nbgrader"]
            its["schema_version"] = version
            if version < 3:
                its.pop("task")
            if version < 1:
                del its["schema_version"]
                its.pop("cell_type", None)

    return change


def forged(book):
    extra = cell("bonus", "code", "100", grade=True, locked=True, points=100)
    book["cells"].append(extra)


def in_vs_code(book):
    """As Visual Studio Code saves: minor version 2, the interpreter, a language on some cells, no cell ids."""
    book["nbformat_minor"] = 2
    book["metadata"] |= {
        "kernelspec": {"display_name": "Python 3.11.9 ('.venv': venv)", "language": "python", "name": "python3"},
        "orig_nbformat": 4,
        "vscode": {"interpreter": {"hash": "31f2aee4e71d21fbe5cf8b01ff0e069b9275f58929596ceb00d14d90e3e16cd6"}},
    }
    for own in book["cells"]:
        del own["id"]
        if own["cell_type"] == "code":
            own["metadata"]["vscode"] = {"languageId": "python"}


def in_colab(book):
    """As Colab saves: minor version 0, an id within the metadata, forms, a GPU, and an upload cell of its own."""
    book["nbformat_minor"] = 0
    book["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True, "name": "area.ipynb"},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
        "accelerator": "GPU",
    }
    for number, own in enumerate(book["cells"]):
        del own["id"]
        own["metadata"]["id"] = f"Xk3vQz_{number}"
        if own["cell_type"] == "code":
            base = {"base_uri": "https://localhost:8080/", "height": 35}
            own["metadata"] |= {"cellView": "form", "colab": base, "outputId": "5f0c-4b1e"}
    ours = {"id": "mount", "colab": {"base_uri": "https://localhost:8080/"}}
    source = "from google.colab import drive\ndrive.mount('/content/drive')"
    mount = {"cell_type": "code", "metadata": ours, "source": source, "outputs": [], "execution_count": 1}
    book["cells"].insert(0, mount)


def in_colab_copied(book):
    """Cells pasted into a new Colab notebook: nothing of nbgrader's is left."""
    in_colab(book)
    for own in book["cells"]:
        own["metadata"].pop("nbgrader", None)


def in_jupyterlite(book):
    """As JupyterLite saves: the kernel of Pyodide, minor version 4, and an install from the browser."""
    book["nbformat_minor"] = 4
    book["metadata"] = {
        "kernelspec": {"name": "python", "display_name": "Python (Pyodide)", "language": "python"},
        "language_info": {
            "codemirror_mode": {"name": "python", "version": 3},
            "file_extension": ".py",
            "mimetype": "text/x-python",
            "name": "python",
            "nbconvert_exporter": "python",
            "pygments_lexer": "ipython3",
            "version": "3.8",
        },
    }
    for own in book["cells"]:
        del own["id"]
        own["metadata"]["trusted"] = True
    source = "import piplite\nawait piplite.install('ipywidgets')"
    install = {"cell_type": "code", "metadata": {"trusted": True}, "source": source}
    book["cells"].insert(0, install | {"outputs": [], "execution_count": 1})


def without_ids(book):
    for own in book["cells"]:
        del own["id"]


def one_id(book):
    for own in book["cells"]:
        own["id"] = "same"


def minor(number):
    def change(book):
        book["nbformat_minor"] = number
        if number < 5:
            without_ids(book)

    return change


def as_nbformat_3(book):
    cells = []
    for own in book["cells"]:
        old = {"cell_type": own["cell_type"], "metadata": own["metadata"]}
        if own["cell_type"] == "code":
            old |= {"input": own["source"], "language": "python", "collapsed": False, "outputs": []}
        else:
            old |= {"source": own["source"]}
        cells.append(old)
    book.clear()
    book |= {"metadata": {"name": "area"}, "nbformat": 3, "nbformat_minor": 0}
    book["worksheets"] = [{"cells": cells, "metadata": {}}]


# --- what is done to the file ----------------------------------------------------------------------------


def written(book):
    return json.dumps(book, indent=1).encode() + b"\n"


def with_windows_ends(book):
    for own in book["cells"]:
        own["source"] = own["source"].replace("\n", "\r\n")
    return written(book).replace(b"\n", b"\r\n")


def with_byte_order_mark(book):
    return b"\xef\xbb\xbf" + written(book)


def conflict(old, new):
    """Git's markers around the first line of the file that holds ``old``; the other side has ``new``."""

    def change(book):
        lines = written(book).decode().splitlines(keepends=True)
        place = next(number for number, line in enumerate(lines) if old in line)
        mine = lines[place]
        lines[place] = f"<<<<<<< HEAD\n{mine}=======\n{mine.replace(old, new)}>>>>>>> 3f2c1d0\n"
        return "".join(lines).encode()

    return change


def cut_off(book):
    return written(book)[:-200]


# --- the cases -------------------------------------------------------------------------------------------

FULL = {"double": 2.0, "area": 3.0, "why": None}
ZERO = {"double": 0.0, "area": 0.0, "why": 0.0}
OLD = "old"


@dataclass(frozen=True)
class Case:
    """One kind of damage, and what comes of it."""

    name: str
    """As it stands on the page."""
    change: Any
    """Changes a notebook in place, or returns the bytes of the file."""
    said: str = ""
    """What ours tells the instructor, or a part of it; empty where nothing had to be mended."""
    stock: Any = field(default_factory=lambda: FULL)
    """nbgrader's marks, or what it does instead."""
    ours: Any = field(default_factory=lambda: FULL)

    def bytes(self, released: bytes) -> bytes:
        book = submission(released)
        content = self.change(book)
        return content if isinstance(content, bytes) else written(book)


PUT_BACK = "put back what was missing: “{}”"
CASES = {
    "cells": [
        Case("nothing", lambda _: None),
        Case(
            "a test cell is there twice", doubled, "“double” was there more than once; the last one counts", STOPS
        ),
        Case("a test cell was split in two", split, "“area” was there more than once", STOPS),
        Case("a test cell was deleted", deleted("area"), PUT_BACK.format("area"), FULL | {"area": OLD}),
        Case("an answer was deleted", deleted("why"), PUT_BACK.format("why"), FULL | {"why": OLD}),
        Case(
            "a solution cell was deleted", deleted("area-solution"), "", FULL | {"area": 0.0}, FULL | {"area": 0.0}
        ),
        Case("a test was edited", edited("area", "pass"), "locked cell “area” had been edited"),
        Case("a locked cell was edited", edited("setup", "pi = 3"), "locked cell “setup” had been edited"),
        Case("a graded cell of their own", forged, "“bonus” is not the instructor's and carries no marks", FAILS),
        Case("a test cell became Markdown", retyped("area", "markdown"), "“area” had become a markdown cell"),
        Case("an answer became code", retyped("why", "code"), "“why” had become a code cell"),
        Case("a test cell became raw text", retyped("area", "raw"), "“area” had become a raw cell"),
    ],
    "metadata": [
        Case(
            "a test cell lost its metadata",
            without_metadata("area"),
            PUT_BACK.format("area"),
            FULL | {"area": OLD},
        ),
        Case(
            "all cells lost it",
            without_metadata(),
            PUT_BACK.format("setup”, “double”, “area”, “why"),
            dict.fromkeys(FULL, OLD),
        ),
        Case(
            "points were changed",
            set_meta("area", points=100),
            "points of “area” had been changed; they are 3 again",
        ),
        Case("points are missing", without_meta("area", "points"), "points of “area” had been changed", FAILS),
        Case("points are text", set_meta("area", points="many"), "points of “area” had been changed", FAILS),
        Case(
            "a grade_id was renamed", set_meta("area", grade_id="area2"), "“area2” is not the instructor's", FAILS
        ),
        Case("a grade_id is empty", set_meta("area", grade_id=""), PUT_BACK.format("area"), FAILS),
        Case(
            "a test is no longer graded",
            set_meta("area", grade=False),
            "flags of “area” had been changed (grade)",
            FAILS,
        ),
        Case(
            "a test is a solution, too",
            set_meta("area", solution=True),
            "flags of “area” had been changed (solution)",
            FAILS,
        ),
        Case("a flag is missing", without_meta("area", "locked"), "", FAILS),
        *(
            Case(
                f"metadata of schema {number}",
                schema(number),
                f"nbgrader's metadata was of version {number}",
                STOPS,
            )
            for number in (0, 1, 2, 4)
        ),
        Case(
            "a kernel that isn't here",
            kernel({"name": "julia-1.10", "display_name": "Julia", "language": "julia"}),
        ),
        Case("no kernel is named", kernel(None)),
    ],
    "editors": [
        Case("saved by Visual Studio Code", in_vs_code),
        Case("saved by Colab", in_colab),
        Case(
            "pasted into a new Colab notebook",
            in_colab_copied,
            "put back what was missing",
            dict.fromkeys(FULL, OLD),
        ),
        Case("saved by JupyterLite", in_jupyterlite),
        Case("cells without ids", without_ids),
        Case("all cells with one id", one_id),
        Case("nbformat 4.0", minor(0)),
        Case("nbformat 4.2", minor(2)),
        Case("nbformat 4.4", minor(4)),
        Case("nbformat 4.9", minor(9)),
        Case("nbformat 3", as_nbformat_3, "the notebook was of nbformat 3 or older"),
    ],
    "running": [
        Case(
            "its code ends its own process", in_double("import os; os._exit(1)"), "", FAILS, FULL | {"double": 0.0}
        ),
        Case("it prints", in_double("print('so far, so good')")),
        Case("it warns", in_double("import warnings; warnings.warn('careful')"), "", FULL | {"double": 0.0}),
        Case(
            "it shows a mark, and is wrong",
            in_double("import sys; sys.displayhook(2.0); return 7"),
            "",
            FULL,
            FULL | {"double": 0.0},
        ),
        Case("a test gives np.float64(1.5)", in_area("np.float64(math.pi - 0.5)"), "", FULL, FULL | {"area": 1.5}),
        Case(
            "a test gives np.int64(0)",
            in_area("type('A', (), {'__sub__': lambda *_: np.int64(-1)})()"),
            "",
            FULL,
            FULL | {"area": 0.0},
        ),
        Case("a test gives nan", in_area("math.nan"), "", FULL, FULL | {"area": 0.0}),
        Case("a test gives less than 0", in_area("0"), "", FULL, FULL | {"area": 0.0}),
        Case(
            "a test gives more than there is",
            in_area("9"),
            "",
            FULL | {"area": OLD, "why": OLD},
        ),
    ],
    "files": [
        Case("line ends of Windows, in the text too", with_windows_ends),
        Case("a byte order mark", with_byte_order_mark, "the file began with a byte order mark", FAILS),
        Case(
            "a merge conflict in what is not graded",
            conflict('"execution_count": null', '"execution_count": 7'),
            "whose two sides differ in nothing that is graded",
            FAILS,
        ),
        Case(
            "a merge conflict in an answer",
            conflict("area = math.pi", "area = 22 / 7"),
            "its two sides differ in what the student wrote",
            FAILS,
            ZERO,
        ),
        Case(
            "conflict markers inside a cell",
            edited("area-solution", "<<<<<<< HEAD\narea = math.pi\n=======\narea = 22 / 7\n>>>>>>> 3f2c1d0"),
            "",
            FULL | {"area": 0.0},
            FULL | {"area": 0.0},
        ),
        Case("a file that is cut off", cut_off, "is cut off or damaged", FAILS, ZERO),
        Case("an empty file", lambda _: b" ", "is empty", FAILS, ZERO),
    ],
}


# --- the page --------------------------------------------------------------------------------------------

HEAD = """# What is repaired

A submission is damaged by editors, by git and by hand. What the source tells how to mend is mended, graded, and
listed for the instructor; what it doesn't tell gets 0, with the reason. The others are graded all the same. This
table is written and tested by `tests/support/damage.py`: each case is one notebook, graded by
`autograder grade`, by `nbgrader autograde` with the two lines, and by nbgrader 0.9.6 without them.

The notebook has two test cells, of 2 and 3 marks, the second with partial credit, and an answer that a person
marks; it is right, so that “2 + 3 + ?” is what it deserves. Each had been graded before: “old” says that this
older mark is left standing. Where nbgrader fails or stops, all of them are; where it stops, nobody who comes later
in the alphabet is graded.
"""
TITLES = {
    "cells": "Cells",
    "metadata": "nbgrader's metadata",
    "editors": "Editors and versions",
    "running": "What it does when it runs",
    "files": "Files",
}


def as_marks(came: Any) -> str:
    """Write the marks of the three cells, or what came instead."""
    if isinstance(came, str):
        return came
    return " + ".join("?" if mark is None else mark if mark == OLD else f"{mark:g}" for mark in came.values())


def as_markdown() -> str:
    """Write the page."""
    parts = [HEAD]
    for group, cases in CASES.items():
        head = "| damage | ours | what the instructor reads | stock nbgrader |\n|---|---|---|---|\n"
        parts.append(f"\n## {TITLES[group]}\n\n{head}")
        parts += [f"| {c.name} | {as_marks(c.ours)} | {c.said} | {as_marks(c.stock)} |\n" for c in cases]
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(as_markdown(), encoding="utf-8")
