"""Become a program that Landlock keeps to what it may read and write.

The trusted side runs this file as a program of its own, because confinement is for good: it reads one order,
confines itself and becomes the command. What takes time is done before the order comes.
"""

from __future__ import annotations

import json
import os


def main() -> None:
    """Wait for the order, and carry it out."""
    try:
        import sandlock  # noqa: PLC0415  # Linux only
    except (ImportError, OSError):
        sandlock = None
    order = json.loads(read(int.from_bytes(read(4))))
    os.chdir(order["folder"])
    if order["readable"] is not None:
        sandlock.confine(
            sandlock.Sandbox(fs_readable=order["readable"], fs_writable=[order["folder"], os.devnull])
        )
    os.execve(order["command"][0], order["command"], order["environment"])  # noqa: S606  # there is no shell to be had


def read(size: int) -> bytes:
    """Read so many bytes and not one more: what follows is for the command."""
    data = b""
    while len(data) < size:
        part = os.read(0, size - len(data))
        if not part:
            raise SystemExit  # nobody needs this process any more
        data += part
    return data


if __name__ == "__main__":
    main()
