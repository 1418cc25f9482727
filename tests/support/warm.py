"""The environment's commands, started from processes that have imported what they import.

A command imports for a second what it needs for a tenth of one. Here it is forked from a process that has done so;
all else is as ever: a process of its own with its own folder, environment, streams and exit status.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from multiprocessing import get_context
from pathlib import Path

IMPORTED = {
    "autograder": ("autograder.__main__", ["autograder.cli", "autograder.gradebook.gradebook"]),
    "nbgrader": ("nbgrader.apps.nbgraderapp", []),
}
"""Each command: the module of its function ``main``, and what else it imports sooner or later."""
SECONDS = 900
"""Then a command is killed, and its status is -9."""


def run(words, cwd, env, *, together=False):
    """Run a command as :func:`subprocess.run` does that captures text; nothing comes from its standard input.

    Parameters
    ----------
    words
        The command: ``autograder`` or ``nbgrader``, and its arguments.
    cwd
        The folder that it runs in.
    env
        Its environment.
    together
        True puts its errors between its output, in the order in which they come.
    """
    words = [str(word) for word in words]
    ends, end = os.pipe()
    with (
        open(ends, encoding="utf-8") as told,
        open(os.devnull) as nothing,
        _text() as order,
        _text() as out,
        _text() as err,
    ):
        json.dump({"words": words, "cwd": str(cwd), "env": dict(env)}, order)
        order.seek(0)
        with open(end, "wb") as tell:
            streams = (nothing, out, out if together else err, order, tell)
            socket.send_fds(_server(words[0]), [b"!"], [stream.fileno() for stream in streams])
        status = int(told.read())
        said, complained = (stream.seek(0) or stream.read() for stream in (out, err))
    return subprocess.CompletedProcess(words, status, said, complained)


def _text():
    return tempfile.TemporaryFile("w+", encoding="utf-8")


@cache
def _server(program):
    """The end of a socket at whose other end a command is started for each order, while this process lives."""
    if program not in IMPORTED:
        raise ValueError(f"{program} is none of the commands {', '.join(IMPORTED)}; start it with subprocess.")
    ours, its = socket.socketpair()
    atexit.register(ours.close)
    with its:
        its.set_inheritable(True)
        os.posix_spawn(sys.executable, [sys.executable, __file__, program, str(its.fileno())], os.environ)
    return ours


# --- in the processes ------------------------------------------------------------------------------------


def serve(main, orders):
    """Fork for each order a process that waits for the command and tells its exit status."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those
    gc.collect()
    gc.freeze()  # what all have in common is not looked through again
    while True:
        came, streams, _, _ = socket.recv_fds(orders, 1, 5)
        if not came:
            return
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            *standard, order, tell = streams
            with open(order, encoding="utf-8") as file:
                command = get_context("fork").Process(target=become, args=(main, standard), kwargs=json.load(file))
            command.start()
            command.join(SECONDS)
            command.kill()
            command.join()
            os.write(tell, str(command.exitcode).encode())
            os._exit(0)
        for stream in streams:
            os.close(stream)


def become(main, standard, words, cwd, env):
    """Run the command in this process, with its own streams, folder, environment and words."""
    for number, stream in enumerate(standard):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = words
    main()


if __name__ == "__main__":
    sys.path.remove(str(Path(__file__).parent))
    module, others = IMPORTED[sys.argv[1]]
    for name in (module, *others):
        importlib.import_module(name)
    serve(sys.modules[module].main, socket.socket(fileno=int(sys.argv[2])))
