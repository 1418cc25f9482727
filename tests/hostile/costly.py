"""Notebooks that cost whoever opens, reads, restores or judges them much more than they are worth, as data.

Each is a function of a perfect submission, and returns the notebook's bytes and the files beside it.
"""

from __future__ import annotations

import copy
import json

from autograder.commands.demo import submissions

CODE = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}


def with_cells(perfect, *sources, kind="code"):
    """The notebook, with more cells in front."""
    nb = copy.deepcopy(perfect)
    more = CODE if kind == "code" else {"cell_type": kind, "metadata": {}}
    nb["cells"][:0] = [{**more, "id": f"own-{n}", "source": source} for n, source in enumerate(sources)]
    return submissions.write(nb)


def with_metadata(perfect, **metadata):
    nb = copy.deepcopy(perfect)
    nb["cells"][-1]["metadata"] |= metadata
    return submissions.write(nb)


def answers(perfect, value, name="softmax"):
    """The notebook, with a function that returns a value from its fifteenth call on."""
    nb = copy.deepcopy(perfect)
    for cell in nb["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == f"{name}-solution":
            right = cell["source"].replace(f"def {name}(", "def right(", 1)
            cell["source"] = (
                f"{right}\n\ncalls = 0\n\n\ndef {name}(*args, **kwargs):\n    global calls\n    calls += 1\n"
                f"    return right(*args, **kwargs) if calls < 15 else {value}\n"
            )
    return submissions.write(nb)


def old_format(perfect, cells):
    body = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells, "metadata": {}}]}
    return json.dumps(body).encode()


MARK, COPY = b"<" * 7 + b" a\n", b"|" * 7 + b" b\n"
MIDDLE, END = b"=" * 7 + b"\n", b">" * 7 + b" c\n"
LISTED = {
    # Those of the review that a notebook can hold.
    "conflict markers": lambda _: MARK * 300 + COPY * 300 + MIDDLE * 300,
    "six million empty objects": lambda _: b'{"cells": [' + b"{}," * 6_000_000 + b"{}]}",
    "the oldest format": lambda p: old_format(
        p, [{"cell_type": "code", "input": "x = 1", "outputs": []}] * 150_000
    ),
    "answers of four million rows": lambda p: answers(p, "np.zeros((1 << 22, 1), np.int8)"),
    "answers of thirty megabytes": lambda p: answers(p, "np.zeros(30 << 20, np.int8)", "logsumexp"),
}
OWN = {
    "conflict markers under Windows": lambda _: (MARK * 20_000 + MIDDLE * 20_000).replace(b"\n", b"\r\n"),
    "conflict markers in a ring": lambda _: (MARK + MIDDLE + COPY + END) * 100_000,
    "a conflict in each line of a notebook": lambda p: submissions.write(p).replace(
        b"\n", b"\n" + MARK + MIDDLE + END
    ),
    "a million brackets": lambda _: b'{"cells": ' + b"[" * 1_000_000,
    "a source of millions of pieces": lambda p: with_cells(p, ["a"] * 4_000_000),
    "a source of millions of lines": lambda p: with_cells(p, "\n" * 15_000_000),
    "a source of millions of comments": lambda p: with_cells(p, "#\n" * 6_000_000),
    "a source of Windows' line ends": lambda p: with_cells(p, "\r\n" * 4_000_000 + "\r" * 4_000_000),
    "a program of parentheses": lambda p: with_cells(p, "(" * 5_000_000),
    "a program of a million names": lambda p: with_cells(p, "a;" * 3_000_000),
    "a program of one endless string": lambda p: with_cells(p, "'''" + "\\n" * 4_000_000),
    "magics without number": lambda p: with_cells(p, "%%%%\n!x\n?y\n" * 300_000),
    "thousands of cells": lambda p: with_cells(p, *["1"] * 100_000),
    "thousands of notes": lambda p: with_cells(p, *["x" * 9_000] * 1_900, kind="markdown"),
    "notes that quote notes": lambda p: with_cells(p, *[">" * 4_000 + "[" * 4_000] * 1_500, kind="markdown"),
    "a name of megabytes": lambda p: with_metadata(p, nbgrader={"grade_id": "x" * 15_000_000, "grade": True}),
    "metadata as deep as it goes": lambda p: with_metadata(p, x=[]).replace(
        b'"x": []', b'"x": ' + b"[" * 890 + b"]" * 890
    ),
    "a number of megabytes": lambda p: with_metadata(p, x=0).replace(b'"x": 0', b'"x": ' + b"7" * 9_000_000),
    "lone surrogates": lambda p: with_cells(p, "# X").replace(b"# X", b"# " + b"\\ud83d" * 2_000_000),
    "letters upon letters": lambda p: with_cells(p, "# a" + "\u0301" * 5_000_000),
    "attachments without number": lambda p: with_cells(p, "x", kind="markdown").replace(
        b'"id": "own-0"',
        b'"id": "own-0", "attachments": '
        + json.dumps({f"a{n}": {"image/png": "AAAA"} for n in range(300_000)}).encode(),
    ),
    "every cell called the same": lambda p: submissions.write(
        {**p, "cells": [*p["cells"], *[p["cells"][-1]] * 1_900]}
    ),
    "outputs of every cell": lambda p: with_cells(p, *["print('x' * 1_000_000)"] * 600),
    "answers of many arrays": lambda p: answers(p, "[np.zeros(9)] * 190_000"),
    "answers that nest": lambda p: answers(p, "[[[[[[1.0] * 10] * 10] * 10] * 10] * 5]", "cross_entropy"),
    "answers of long words": lambda p: answers(p, "['x' * 10_000_000, 'y']", "logsumexp"),
    "answers of many dimensions": lambda p: answers(p, "np.zeros((2,) * 22)", "log_softmax"),
}
COSTLY = LISTED | OWN
