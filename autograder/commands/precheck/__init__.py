"""Check a notebook before it is handed in: ``python precheck.py softmax.ipynb``.

The script says whether this is the right notebook, whether its locked cells are as they were released, whether it
runs from top to bottom and which of its visible checks pass. It holds no hidden test and gives no marks.

It needs nbformat, nbclient and ipykernel, which come with JupyterLab, and what the notebook itself imports. It
imports nothing of the project: ``autograder release`` writes it beside the released assignments, with their cells.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from autograder.commands.precheck.checks import NEXT, Finding, examine
from autograder.commands.precheck.notebooks import Released
from autograder.commands.precheck.running import CELL_SECONDS, CannotRunError

RELEASED: Released = {}
"""``autograder release`` fills this in."""
IN_ORDER, NOT_IN_ORDER, INTERRUPTED = 0, 1, 130
MARKS = {"pass": "✓", "fail": "✗", "todo": "·"}
NEEDED = "nbformat nbclient ipykernel"


def main(arguments: Sequence[str] | None = None, released: Released | None = None, prog: str = "") -> int:
    """Check the notebook that the arguments name, print the results, return the exit status."""
    released = RELEASED if released is None else released
    parser = argparse.ArgumentParser(
        prog=prog or None,
        description="Check a notebook before it is handed in. Marks come from hidden tests, not from here.",
        epilog="Exit status: 0 all is in order, 1 something isn't or isn't done yet, 2 wrong use.",
    )
    parser.add_argument("notebook", type=Path, help="the notebook, or the folder that it lies in")
    parser.add_argument(
        "--assignment", choices=sorted(released), help="default: recognised by the notebook's name and cells"
    )
    parser.add_argument(
        "--seconds", type=float, default=CELL_SECONDS, help="time limit for a cell (default: %(default)g)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    if not released:
        parser.error("no assignment has been released; “autograder release” does")
    if not 0 < options.seconds < math.inf:
        parser.error(f"--seconds is the time for a cell, more than 0: {options.seconds:g} is not")
    path = _notebook_at(options.notebook)
    if path is None:
        parser.error(_no_file(options.notebook))
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # a Windows terminal's encoding may lack ✓
    findings: list[Finding] = []
    show = _progress if sys.stderr.isatty() else lambda *_: None
    try:
        for finding in examine(path, released, options.assignment, options.seconds, show):
            findings.append(finding)
            if not options.json and finding.name != NEXT:
                text = f"{finding.name}{': ' if finding.message else ''}{finding.message}"
                print(f"{MARKS[finding.status]} {text}", flush=True)
    except CannotRunError as error:
        parser.error(str(error))
    except ImportError as error:
        parser.error(f"{error.name} is missing, with which notebooks run: python -m pip install {NEEDED}")
    except KeyboardInterrupt:
        print("\nStopped. The notebook is as it was.", file=sys.stderr)
        return INTERRUPTED
    advice = next((finding.message for finding in findings if finding.name == NEXT), "")
    failed, waiting = (sum(f.status == status and f.judged for f in findings) for status in ("fail", "todo"))
    if options.json:
        status = "fail" if failed else "todo" if waiting else "pass"
        print(json.dumps({"file": str(options.notebook), "status": status, "checks": [*map(asdict, findings)]}))
    elif failed or waiting:
        print(f"\n{failed} to mend, {waiting} not done yet.")
    else:
        print("\nAll is in order. The hidden tests ask more inputs of the same functions.")
    if advice and not options.json:
        print(advice)
    return NOT_IN_ORDER if failed or waiting else IN_ORDER


def _notebook_at(path: Path) -> Path | None:
    """Return a notebook, or the only one in a folder; None if there is none."""
    if path.is_dir():
        inside = sorted(path.glob("*.ipynb"))
        return inside[0] if len(inside) == 1 else None
    return path if path.is_file() else None


def _no_file(path: Path) -> str:
    """Say that there is no such notebook, and which one of that name lies nearby."""
    if path.is_dir():
        return f"{path} holds {len(list(path.glob('*.ipynb')))} notebooks: name one"
    places = [folder / path.name for folder in (Path(), Path(path.stem), Path("release", path.stem))]
    near = next((place for place in places if place.is_file()), None)
    return f"there is no file {path}" + (f"; did you mean {near}?" if near else "")


def _progress(number: int, total: int) -> None:
    """Show on a terminal which cell runs; the line is gone when the last one has."""
    last = number == total
    print(
        "\r" + ("\x1b[K" if last else f"running cell {number} of {total} …\x1b[K\r"),
        end="",
        file=sys.stderr,
        flush=True,
    )
