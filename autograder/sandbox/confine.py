"""The program that confines itself with Landlock and then becomes a command.

Confinement can't be undone, so the grader runs this file in a process of its own (see ``launcher``). The program
imports what takes time, waits for one order on its standard input, confines itself and becomes the command.
"""

from __future__ import annotations

import json
import os
import resource


def main() -> None:
    """Wait for the order, confine this process, and become the command."""
    try:
        import sandlock  # noqa: PLC0415  # Linux only
    except (ImportError, OSError):
        sandlock = None
    lift_limits()
    order = json.loads(read(int.from_bytes(read(4))))
    os.chdir(order["folder"])
    if order["readable"] is not None:
        sandlock.confine(
            sandlock.Sandbox(fs_readable=order["readable"], fs_writable=[order["folder"], os.devnull])
        )
    os.execve(order["command"][0], order["command"], order["environment"])  # noqa: S606  # no shell is involved


def lift_limits() -> None:
    """Lift the limits of the grader's own process; a submission has others."""
    for which in (resource.RLIMIT_AS, resource.RLIMIT_CPU):
        hard = resource.getrlimit(which)[1]
        resource.setrlimit(which, (hard, hard))


def read(size: int) -> bytes:
    """Read exactly ``size`` bytes: what follows them is for the command."""
    data = b""
    while len(data) < size:
        part = os.read(0, size - len(data))
        if not part:
            raise SystemExit  # the grader has closed its end: no order will come
        data += part
    return data


if __name__ == "__main__":
    main()
