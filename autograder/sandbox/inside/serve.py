"""A process that has imported what notebooks import, and forks for each submission a process of its own.

It never reads a byte of a submission's: its orders name folders that the trusted side made. It reaps no child
before it is told to, so that a process id means the same on both sides. It ends when its orders do, however the
grader ended, and what it forked ends with it.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import signal
import sys
import time

from . import seal
from .frames import Channel
from .worker import Worker

REHEARSED = """
import numpy as np

print(np.array([0.5, 1.0]))
np.array([0.5, 1.0])
"""
INCOMING, OUTGOING = 3, 4  # the descriptors of a submission's own channel


def serve(settings):
    """Seal this process, import, and obey."""
    with contextlib.suppress(OSError):
        os.setsid()  # an interrupt from the terminal is the grader's business
    if settings["uid"] is not None:
        seal.become(settings["uid"], keep_reading=settings["keep_reading"])
    seal.close_to_others()
    os.umask(0o077)
    control = Channel(os.dup(0), os.dup(1))
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    if settings["isolated"]:
        seal.install(bytes.fromhex(settings["filter"]))
    seal.forgive_own_files()
    gc.disable()  # while it imports, there is nothing to collect
    sys.path.append(settings["site"])
    Worker(settings["output_bytes"]).rehearse(REHEARSED)
    worker = Worker(settings["output_bytes"])
    draw_on_request(worker)
    warm(settings["warm"])
    gc.freeze()  # so that no child's garbage collection copies these pages
    gc.enable()
    gc.set_threshold(10_000, *gc.get_threshold()[1:])  # figures are made of young objects that stay
    control.send({"t": "ready"})
    with contextlib.suppress(BrokenPipeError):
        while True:
            order, _ = control.receive()
            if order["op"] == "fork":
                ends = control.receive_descriptors(2)
                server, pid = os.getpid(), os.fork()
                if pid == 0:
                    run(worker, settings, order | {"server": server}, *ends)
                for end in ends:
                    os.close(end)
                control.send({"t": "forked", "pid": pid})
            elif order["op"] == "learn":
                learn(worker, order["cells"])
                control.send({"t": "learned"})
            else:
                control.send({"t": "reaped", "signal": reap(order["pid"], order["grace"])})


def warm(named):
    """Import what takes time; matplotlib tells the worker's shell how figures are shown."""
    import numpy.linalg
    import numpy.random  # noqa: F401

    if "matplotlib" in named:
        import_matplotlib(figures="figures" in named)
    if "ipywidgets" in named:
        import ipywidgets  # noqa: F401


def draw_on_request(worker):
    """Let figures be drawn only where the worker is told to."""
    from IPython.core import pylabtools

    print_figure = pylabtools.print_figure
    pylabtools.print_figure = functools.wraps(print_figure)(
        lambda *args, **kwargs: print_figure(*args, **kwargs) if worker.figures else None
    )


def import_matplotlib(*, figures):
    """Have matplotlib find its fonts and everything else that a first figure needs, and perhaps draw one."""
    import matplotlib

    matplotlib.use(os.environ["MPLBACKEND"])
    from matplotlib import pyplot

    figure, axes = pyplot.subplots()
    axes.plot([0, 1], label="$x$")
    axes.legend()
    if figures:
        figure.savefig(os.devnull, format="png")
    pyplot.close("all")


def learn(worker, cells):
    """Compile cells of the instructor's that each of the next submissions runs."""
    for cell in cells:
        with contextlib.suppress(Exception):  # whatever is wrong with it is shown where it runs
            worker.shell.input_transformer_manager.learn(cell)
    gc.freeze()


def run(worker, settings, order, incoming, outgoing):
    """Be the process of one submission: never returns."""
    try:
        os.dup2(incoming, 62), os.dup2(outgoing, 63)
        os.dup2(62, INCOMING), os.dup2(63, OUTGOING)
        os.closerange(OUTGOING + 1, 1 << 16)
        seal.die_with(order["server"])
        os.chdir(order["folder"])
        os.environ.update(order["environment"])
        if settings["isolated"]:
            seal.leave_family()
            seal.install(bytes.fromhex(settings["submission_filter"]))
        seal.limit(settings["rlimits"])
        sys.path.insert(0, "")
        with contextlib.suppress(BrokenPipeError):
            worker.serve(Channel(INCOMING, OUTGOING))
    finally:
        os._exit(0)


def reap(pid, grace):
    """Give a process some seconds to end by itself, then kill it; return the signal that ended it, or 0."""
    until = time.monotonic() + grace
    while True:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            code = os.waitstatus_to_exitcode(status)
            return max(-code, 0)
        if time.monotonic() >= until:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return 0
        time.sleep(0.001)
