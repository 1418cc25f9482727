"""What runs on a worker of the cluster. Each function takes and returns bytes.

The worker holds a :class:`~autograder.grading.workers.WorkerPool`, so each submission is graded in an envelope and
its code runs sealed, as on one machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from autograder.cluster import versions
from autograder.cluster.wire import Done, Group, Item, Kit, Results, digest_of, lay_out_own, read_kit, unpacked
from autograder.grading.workers import NotGradedError, WorkerPool
from autograder.notebooks.source import Source
from autograder.sandbox import ways
from autograder.sandbox.policy import CannotIsolateError, TooLittleError

MOST_KITS = 2
"""Kits that are kept: of this run, and of one that began before it or was killed."""
LEAST_DISK = 64 << 20
"""Bytes without which a submission is not begun: a full disk would look like its fault."""
DOCTOR_SECONDS = 300.0
DASKS_TRIMMING = "MALLOC_TRIM_THRESHOLD_"
"""Dask has its workers give memory back at once; graders need it again for the next cell."""
NEEDS_KIT, LOST_KIT = "needs the kit", "has lost the kit of this run"


@dataclass(frozen=True)
class _Post:
    """What a worker needs for a run."""

    kit: Kit
    sources: dict[tuple[str, str], Source]
    root: Path
    pool: WorkerPool

    def close(self) -> None:
        self.pool.close()
        shutil.rmtree(self.root, ignore_errors=True)


_posts: dict[str, _Post] = {}
_lock = threading.Lock()


# --- before the first task -------------------------------------------------------------------------------


async def introduce() -> bytes:
    """Return this worker's card."""
    return msgspec.json.encode(await asyncio.to_thread(versions.card))


async def examine(way: str) -> bytes:
    """Run the doctor with a way of isolating, by default the best; return why this machine can't grade."""
    return (await asyncio.to_thread(_examine, way)).encode("utf-8", "replace")


def _examine(way: str) -> str:
    environment = os.environ | ({ways.CHOICE: way} if way else {})
    command = [sys.executable, "-P", "-m", "autograder", "doctor", "--json"]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, timeout=DOCTOR_SECONDS, check=False, text=True
        )
        probes = json.loads(done.stdout)["probes"]
    except (OSError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
        return f"can't run autograder doctor: {error}"
    failed = [probe["name"] for probe in probes if not probe["held"]]
    return f"can't isolate: {'; '.join(failed[:2])}" if failed else ""


async def equip(content: bytes, digest: str, core: int) -> bytes:
    """Take the kit of a run, unless this worker has it; return why it can't be used, or nothing.

    Parameters
    ----------
    content
        The kit; empty to ask whether the worker has it already.
    digest
        The kit's digest.
    core
        The number of this worker among those of its machine.
    """
    return (await asyncio.to_thread(_equip, content, digest, core)).encode("utf-8", "replace")


def _equip(content: bytes, digest: str, core: int) -> str:
    with _lock:
        if digest in _posts:
            return ""
        if digest_of(content) != digest:
            return "got a kit that is not the one that was sent" if content else NEEDS_KIT
        kit, settings = read_kit(content)
        os.environ.pop(DASKS_TRIMMING, None)
        try:
            root = Path(tempfile.mkdtemp(prefix="autograder-kit-"))
            lay_out_own(kit, root)
            pool = WorkerPool(settings, first_core=core)
        except (CannotIsolateError, TooLittleError) as error:
            return f"can't isolate: {error}"
        except OSError as error:
            return f"can't start the processes that grade: {error}"
        sources = {(assignment, name): source for assignment, name, source in kit.sources}
        while len(_posts) >= MOST_KITS:
            _posts.pop(next(iter(_posts))).close()
        _posts[digest] = _Post(kit, sources, root, pool)
        return ""


async def dismiss(digest: str) -> bytes:
    """Forget a kit, and kill whatever is graded with it."""
    with _lock:
        post = _posts.pop(digest, None)
    if post:
        await asyncio.to_thread(post.close)
    return b""


# --- a task ----------------------------------------------------------------------------------------------


def grade_group(content: bytes) -> bytes:
    """Grade the submissions of a group, one after the other; return their results as JSON."""
    started = time.monotonic()
    done: list[Done] = []
    unfit: str | None
    try:
        group = msgspec.msgpack.decode(content, type=Group)
        unfit = _grade(group, done)
    except Exception as error:  # noqa: BLE001  # the worker's log would quote the task, with a student's name
        unfit = f"met a fault of the grader ({type(error).__name__}: {error})"
    seconds = round(time.monotonic() - started, 4)
    return msgspec.json.encode(Results(done, seconds, _plain(unfit) if unfit else None))


def _grade(group: Group, done: list[Done]) -> str | None:
    """Add what became of each submission; return why the worker stopped before the last."""
    post = _posts.get(group.kit)
    if post is None:
        return LOST_KIT
    for item in group.items:
        free = shutil.disk_usage(tempfile.gettempdir()).free
        if free < LEAST_DISK:
            return f"has no room on its disk: {free >> 20} MB are left in {tempfile.gettempdir()}"
        done.append(_graded(item, post))
        if not post.pool.is_alive():
            done.pop()
            return "has lost the process that starts its graders"
    return None


def _graded(item: Item, post: _Post) -> Done:
    source = post.sources[item.assignment, item.notebook]
    try:
        return Done(item.number, post.pool.grade_sent(post.root, source, unpacked(item, post.kit)))
    except NotGradedError as error:
        return Done(item.number, why=_plain(str(error)), fault=error.fault)


def _plain(text: str) -> str:
    """Return a text that JSON can hold: the name of a file need not be UTF-8."""
    return text.encode("utf-8", "replace").decode()
