"""Make the notebooks of the documentation site: the released cells, with the figures of a completed notebook.

A reader wants figures and results, and the released notebook alone has none: its functions are stubs. So the
source notebook is executed without its hidden tests, and each output is moved to the same cell of the released
notebook. Text and code come from ``release/`` alone. The executed notebook is never written to disk, and a page
that holds a line of a solution or of a hidden test is refused.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.commands.release import secret_lines
from autograder.exercises import TOPICS
from autograder.notebooks.source import visible_part

CHECKOUT = Path(__file__).resolve().parents[1]
PAGES = CHECKOUT / "docs" / "notebooks"
CELL_SECONDS = 120
MAKERS = ("render_notebooks.py", "explorers.py", "explorers.js")
NOTE = """\
```{{note}}
This is the notebook as students get it, with the outputs of a completed one. The solutions are left out. What its
sliders show was drawn beforehand. To work on the notebook, download {} into one folder.
```
"""
BEFORE = """
import sys
sys.path.insert(0, {docs!r})
import explorers
del sys.path[0]
import figures
explorers.attach(figures)
"""
"""Runs before a notebook's first cell: a page has no kernel that would answer sliders."""


class RenderError(Exception):
    """A notebook can't be shown; the text says which cell and why, and quotes no code."""


def execute(path: Path) -> NotebookNode:
    """Return the source notebook with its outputs, run without its hidden tests.

    Raises
    ------
    RenderError
        If a cell raises. The traceback is left out, because it quotes the solution.
    """
    source = nbformat.read(path, 4)
    for cell in source.cells:
        if cell.cell_type == "code":
            cell.source = visible_part(cell.source)
    folder = {"metadata": {"path": str(path.parent)}}
    before = [new_code_cell(BEFORE.format(docs=str(Path(__file__).parent)))]
    if not (path.parent / "figures.py").is_file():
        before = []
    source.cells[:0] = before
    try:
        NotebookClient(source, timeout=CELL_SECONDS, kernel_name="python3", resources=folder).execute()
    except CellExecutionError as error:
        raise RenderError(f"{path.relative_to(CHECKOUT)} stops with {error.ename}") from None
    del source.cells[: len(before)]
    return source


def page(released: NotebookNode, executed: NotebookNode, links: str) -> NotebookNode:
    """Return the released notebook with the outputs of the executed one.

    Raises
    ------
    RenderError
        If the two notebooks differ in their cells: then ``release/`` is out of date.
    """
    if [cell.id for cell in released.cells] != [cell.id for cell in executed.cells]:
        raise RenderError("source/ and release/ differ in their cells; run make release")
    for number, (cell, ran) in enumerate(zip(released.cells, executed.cells, strict=True)):
        if cell.cell_type == "code":
            cell.outputs = ran.outputs
            after = released.cells[number + 1].source if number + 1 < len(released.cells) else ""
            if caption := re.match(r"\*Figure: (.*?)[.:](?:\s|\*|$)", after, re.DOTALL):
                cell.metadata["mystnb"] = {"image": {"alt": " ".join(caption[1].split())}}
    title, _, rest = released.cells[0].source.partition("\n")
    released.cells[0].source = f"{title}\n\n{links}\n{rest}"
    return released


def leaks(shown: NotebookNode, source: NotebookNode) -> list[str]:
    """Return the lines of a page, outputs included, that only solutions or hidden tests hold."""
    secret = secret_lines(source)
    texts = [text for cell in shown.cells for text in (cell.source, *_texts(cell.get("outputs", ())))]
    return [line for text in texts for line in map(str.strip, text.splitlines()) if line in secret]


def _texts(value: Any) -> Iterator[str]:
    """Yield every string in nested lists and dictionaries."""
    if isinstance(value, str):
        yield value
    else:
        for item in (
            value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
        ):
            yield from _texts(item)


def render(topic: str) -> NotebookNode:
    """Return the page of one topic.

    Raises
    ------
    RenderError
        If the source does not run, ``release/`` is out of date, or the page would give something away.
    """
    source = CHECKOUT / "source" / topic / f"{topic}.ipynb"
    folder = CHECKOUT / "release" / topic
    files = [path for path in sorted(folder.iterdir()) if path.suffix in {".ipynb", ".py", ".npz"}]
    names = ", ".join(f"{{download}}`{path.name} <../../release/{topic}/{path.name}>`" for path in files)
    links = NOTE.format(names)
    shown = page(nbformat.read(folder / f"{topic}.ipynb", 4), execute(source), links)
    if found := leaks(shown, nbformat.read(source, 4)):
        raise RenderError(f"The page of {topic} would show {len(found)} lines of a solution or a hidden test.")
    return shown


def digest(topic: str) -> str:
    """Return a digest of everything a page is made from."""
    files = [Path(__file__).with_name(name) for name in MAKERS]
    files += [path for floor in ("source", "release") for path in (CHECKOUT / floor / topic).iterdir()]
    sums = [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files) if path.is_file()]
    return hashlib.sha256("".join(sums).encode()).hexdigest()


def main() -> int:
    """Write the pages that are out of date; return the exit status."""
    PAGES.mkdir(exist_ok=True)
    for topic in TOPICS:
        path, made_from = PAGES / f"{topic}.ipynb", digest(topic)
        if path.is_file() and nbformat.read(path, 4).metadata.get("made_from") == made_from:
            continue
        print(f"executing {topic}", flush=True)
        try:
            shown = render(topic)
        except RenderError as error:
            print(f"✗ {topic}: {error}", file=sys.stderr)
            return 1
        shown.metadata["made_from"] = made_from
        nbformat.write(shown, path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
