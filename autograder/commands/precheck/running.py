"""Run a notebook as Jupyter would."""

from __future__ import annotations

import logging
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.commands.precheck.causes import Causes, Stopped
from autograder.commands.precheck.notebooks import Cells

CELL_SECONDS, ALL_SECONDS = 30.0, 180.0
"""The grader's time limits for a cell and for a whole notebook, in seconds."""
LONGEST = 300
"""Characters of an error that are quoted."""
Show = Callable[[int, int], None]
"""Shows the number of the cell that runs, and how many there are."""


class CannotRunError(RuntimeError):
    """This machine can't run notebooks; the message says what to install."""


def run(
    book: Any, folder: Path, seconds: float, wanted: Cells, show: Show, *, again: bool = True
) -> dict[int, Stopped]:
    """Run all cells as Jupyter would, and return how each failed cell ended, by its index.

    If the kernel does not start, it is started ``again``: of two that begin at the same moment and choose the same
    port, one dies.

    Raises
    ------
    CannotRunError
        If no kernel can be started here.
    """
    from jupyter_client.kernelspec import NoSuchKernel  # noqa: PLC0415
    from nbclient import NotebookClient  # noqa: PLC0415
    from nbclient.exceptions import CellTimeoutError, DeadKernelError  # noqa: PLC0415

    found: dict[int, Stopped] = {}
    causes = Causes(book, wanted)
    client = NotebookClient(
        book,
        kernel_name="python3",
        allow_errors=True,
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(folder)}},
    )
    client.log = logging.getLogger("precheck")
    client.log.setLevel(logging.CRITICAL + 1)  # failures are reported below
    deadline = time.monotonic() + ALL_SECONDS
    try:
        with client.setup_kernel(stderr=subprocess.DEVNULL):  # the kernel's own log
            for index, cell in enumerate(book.cells):
                if cell.cell_type != "code":
                    continue
                show(index + 1, len(book.cells))
                client.timeout = max(1, round(min(seconds, deadline - time.monotonic())))
                client.execute_cell(cell, index)
                how = causes.explain(index, _error_of(cell))
                if how:
                    found[index] = how
    except NoSuchKernel:
        raise CannotRunError(
            "There is no Python kernel here. Install one: python -m pip install ipykernel"
        ) from None
    except CellTimeoutError:
        text = f"took more than {client.timeout} s and was stopped. What comes after it was not run."
        found |= _rest(book, index) | {index: Stopped("", text)}
    except DeadKernelError:
        found |= _rest(book, index) | {index: Stopped("", "ended Python. What comes after it was not run.")}
    except (RuntimeError, OSError) as error:
        if again:
            return run(book, folder, seconds, wanted, show, again=False)
        raise CannotRunError(
            f"The Python kernel here does not start ({error}). See what `python -m ipykernel_launcher` says."
        ) from None
    return found


def _rest(book: Any, index: int) -> dict[int, Stopped]:
    return {number: Stopped("", "") for number in range(index + 1, len(book.cells))}


def _error_of(cell: Any) -> tuple[str, str] | None:
    """Return the name and the text of the error that stopped a cell, judged by its outputs."""
    error = next((output for output in cell.outputs if output.output_type == "error"), None)
    if error is None:
        return None
    said = re.sub(r"\(\S+, line (\d+)\)", r"(line \1)", " ".join(error.evalue.split()))
    kind = "SyntaxError" if error.ename == "_IncompleteInputError" else error.ename  # its private name since 3.13
    return kind, said[:LONGEST]
