"""Start a program that Landlock keeps to what it may read and write: ``launch.py RULES SCRATCH COMMAND...``.

The trusted side runs this file as a program of its own, because confinement is for good: it confines itself and
becomes the command.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def main() -> None:
    """Confine this process to the rules and its scratch folder, and run the command in its place."""
    from sandlock import Sandbox, confine  # noqa: PLC0415  # Linux only

    rules, scratch, *command = sys.argv[1:]
    readable = json.loads(Path(rules).read_text(encoding="utf-8"))
    confine(Sandbox(fs_readable=readable, fs_writable=[scratch, os.devnull]))
    os.execv(command[0], command)  # noqa: S606  # there is no shell to be had


if __name__ == "__main__":
    main()
