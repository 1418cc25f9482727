"""What processes use: processor time and memory, as the kernel counts them."""

from __future__ import annotations

import contextlib
from pathlib import Path

import psutil  # what Dask needs, too


def memory(pid: int, field: str = "VmRSS") -> float:
    """Return the resident size of a process in MB; with ``VmHWM``, the largest that it had."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    return int(status.partition(f"{field}:")[2].split()[0]) / 1024


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process, without that of its children."""
    return sum(psutil.Process(pid).cpu_times()[:2])


def seconds_of_tree(pid: int) -> float:
    """Return the processor time of a process and all that it started, those included that have ended."""
    process = psutil.Process(pid)
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.Error):  # it has just ended
            total += sum(each.cpu_times()[:4])
    return total
