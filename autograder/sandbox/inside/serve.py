"""The fork server: a process that has imported what notebooks import, and forks a process for each submission.

It never reads a submission's files: its orders name folders that the trusted side made. At most it watches how
full the disk gets (``disk``). It reaps a child only when it is ordered to, so that a process id means the same
process on both sides. It ends when the grader closes the socket of its orders or dies, and its forks end with it.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import signal
import sys
import time

from . import rehearsal, seal
from .disk import Disk
from .frames import Channel
from .worker import Worker

INCOMING, OUTGOING = 3, 4  # the descriptors of the channel in a fork


def serve(settings):
    """Confine this process, import, and carry out orders until there are no more."""
    with contextlib.suppress(OSError):
        os.setsid()  # an interrupt from the terminal is for the grader alone
    if settings["uid"] is not None:
        seal.become(settings["uid"], keep_reading=settings["keep_reading"])
    elif settings["isolated"]:
        seal.keep_capabilities()
    seal.close_to_others()
    os.umask(0o077)
    control = Channel(os.dup(0), os.dup(1))
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    if settings["isolated"]:
        seal.install(bytes.fromhex(settings["filter"]))
    seal.ignore_metadata_errors()
    gc.disable()  # imports leave nothing to collect
    sys.path.append(settings["site"])
    first = Worker(settings["output_bytes"])
    rehearsal.set_up(first)
    worker = Worker(settings["output_bytes"])
    signal.signal(signal.SIGINT, worker.interrupt)  # forks inherit it; nobody interrupts this process
    draw_on_request(worker)
    warm(settings["warm"])
    gc.freeze()  # so that no child's garbage collection copies these pages
    gc.enable()
    gc.set_threshold(10_000, *gc.get_threshold()[1:])  # a figure makes many objects, and most of them stay
    control.send({"t": "ready"})
    disk, forks = None, 0
    with contextlib.suppress(BrokenPipeError):
        while True:
            if disk:
                disk.watch_until_readable(control.incoming)
            order, _ = control.receive()
            if order["op"] == "fork":
                ends = control.receive_descriptors(2)
                if 0 < forks <= rehearsal.TIMES:  # one notebook alone would wait longer than it gains
                    rehearsal.rehearse(first)
                forks += 1
                parent, pid = os.getpid(), os.fork()
                if pid == 0:
                    run(worker, settings, order | {"parent": parent}, *ends)
                for end in ends:
                    os.close(end)
                disk = Disk(pid, *order["disk"]) if order["disk"] else None
                control.send({"t": "forked", "pid": pid})
            elif order["op"] == "learn":
                learn(worker, order["cells"])
                control.send({"t": "learned"})
            else:
                ended_by = reap(order["pid"], order["grace"], disk)
                control.send({"t": "reaped", "signal": ended_by, "filled": disk.filled if disk else None})
                disk = None


def warm(named):
    """Import what takes time. Matplotlib also tells the worker's shell how to show figures."""
    import numpy.linalg
    import numpy.random  # noqa: F401

    if "matplotlib" in named:
        import_matplotlib(figures="figures" in named)
    if "ipywidgets" in named:
        import ipywidgets  # noqa: F401


def draw_on_request(worker):
    """Draw figures only in the cells for which the request says so."""
    from IPython.core import pylabtools

    print_figure = pylabtools.print_figure
    pylabtools.print_figure = functools.wraps(print_figure)(
        lambda *args, **kwargs: print_figure(*args, **kwargs) if worker.figures else None
    )


def import_matplotlib(*, figures):
    """Make a first figure, so that matplotlib finds its fonts and imports the rest; draw it if ``figures``."""
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
    """Compile the instructor's cells, which the next submissions run."""
    for cell in cells:
        with contextlib.suppress(Exception):  # its errors are shown when it runs
            worker.shell.input_transformer_manager.learn(cell)
    gc.freeze()


def run(worker, settings, order, incoming, outgoing):
    """Serve one submission in a fork; never return."""
    try:
        os.dup2(incoming, 62), os.dup2(outgoing, 63)
        os.dup2(62, INCOMING), os.dup2(63, OUTGOING)
        os.closerange(OUTGOING + 1, 1 << 16)
        seal.die_with(order["parent"])
        os.chdir(order["folder"])
        os.environ.update(order["environment"])
        if settings["isolated"]:
            if settings["domain"]:
                seal.isolate_from_parent(bytes.fromhex(settings["domain"]))
            seal.install(seal.allow_signals_to_itself(settings["submission_filter"]))
        seal.limit(order["rlimits"])
        sys.path.insert(0, "")
        with contextlib.suppress(BrokenPipeError):
            worker.serve(Channel(INCOMING, OUTGOING))
    finally:
        os._exit(0)


def reap(pid, grace, disk):
    """Wait for a child, and kill it after ``grace`` seconds; return the signal that ended it by itself, or 0."""
    until = time.monotonic() + grace
    while True:
        found, status, used = os.wait4(pid, os.WNOHANG)
        if found:
            if disk and disk.filled is False:
                disk.filled = disk.is_much(used.ru_oublock * 512)
            code = os.waitstatus_to_exitcode(status)
            return max(-code, 0)
        if time.monotonic() >= until:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return 0
        if disk and disk.filled is None:
            disk.look()
        time.sleep(0.001)
