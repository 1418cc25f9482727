"""What processes use: processor time and memory, as the kernel counts them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def memory(pid: int, field: str = "VmRSS") -> float:
    """Return the resident size of a process in MB; with ``VmHWM``, the largest that it had."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    return int(status.partition(f"{field}:")[2].split()[0]) / 1024


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process, without that of its children."""
    return sum(_times(pid)[:2])


def seconds_of_tree(pid: int) -> float:
    """Return the processor time of a process and all that it started, those included that have ended."""
    total = 0.0
    for process in _tree(pid):
        with contextlib.suppress(OSError):
            total += sum(_times(process))
    return total


def _times(pid: int) -> list[float]:
    """Return the seconds of a process in user and kernel mode, and those of its children that it waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return [int(field) / TICKS for field in fields[11:15]]


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text(encoding="ascii").split():
                yield from _tree(int(child))
