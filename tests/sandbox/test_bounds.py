"""What is everybody's, disk, processes and the kernel's memory, has bounds that a submission can't step around."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import GENEROUS
from hostile.bounds import PREPARED, SPACE, THREADS
from sandbox.sessions import ended, opened, printed

from autograder.sandbox import bounds
from autograder.sandbox.fork_server import ForkServer, ForkServerError
from autograder.sandbox.policy import isolation
from autograder.sandbox.pool import Pool
from autograder.sandbox.scratch import Scratch
from autograder.sandbox.users import IDS, User

pytestmark = pytest.mark.sandbox

ROOMY = replace(GENEROUS, cell_seconds=30, scratch_size=128 << 20)


@pytest.fixture
def mounting():
    """Skip the test where the machine lets nobody mount: Docker's default, and Ubuntu's for ordinary users."""
    with opened(GENEROUS) as session:
        if not session.scratch.mounted:
            pytest.skip("this machine allows no file system of a size")


@pytest.fixture
def not_mounting(monkeypatch):
    """A machine that refuses to mount."""
    if isolation() == "namespace":
        pytest.skip("a machine that makes a mount namespace mounts")
    monkeypatch.setattr(Scratch, "mount_options", lambda *_: "size=none")


# --- space -----------------------------------------------------------------------------------------------


def test_files_lie_in_a_file_system_of_a_size_that_nobody_else_sees(mounting):
    with opened(ROOMY, {"data/table.csv": b"1,2\n"}) as session:
        code = "import os; s = os.statvfs('.'); print(s.f_blocks * s.f_frsize, s.f_files)"
        size = ROOMY.scratch_size + ROOMY.file_size
        assert printed(session, code) == f"{size} {ROOMY.files * 11 // 10}\n"
        assert printed(session, "print(open('data/table.csv').read())") == "1,2\n\n"
        session.run_cell("open('mine.txt', 'w').write('x')")
        assert sorted(os.listdir(session.scratch.path / session.folder.name)) == [
            "data",
            "mine.txt",
        ]
        assert list(session.scratch.home.iterdir()) == []
        assert str(session.scratch.home) not in Path("/proc/self/mounts").read_text()


@pytest.mark.slow
def test_a_process_in_its_own_mount_namespace_has_no_rights(mounting):
    """A user namespace gives whoever makes it all rights in it, until it starts another program."""
    with opened(GENEROUS) as session:
        rights = Path(f"/proc/{session.pid}/status").read_text()
        kept = 4 if session.server.runtime.keep_reading else 0  # CAP_DAC_READ_SEARCH
        assert f"CapEff:\t{kept:016x}\n" in rights
        assert f"CapPrm:\t{kept:016x}\n" in rights


OF_ITS_PROCESS = """
from pathlib import Path
from autograder.sandbox.policy import Limits
from autograder.sandbox.pool import Pool
pool = Pool(Limits())
with pool.session((), {}) as session:
    print(Path(f"/proc/{session.pid}/status").read_text())
pool.close()
"""


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can drop root's rights")
def test_where_root_can_become_nobody_else_its_other_rights_are_given_up():
    """A hardened container's root has some: a submission, which is the same user, has none."""
    command = ["setpriv", "--bounding-set", "-kill", sys.executable, "-c", OF_ITS_PROCESS]
    rights = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert re.search(r"^Uid:\t0\t0\t0\t0$", rights, re.MULTILINE)
    kept = dict(re.findall(r"^Cap(?!Bnd)(\w+):\t(\w+)$", rights, re.MULTILINE))
    assert len(kept) == 4
    assert {int(each, 16) for each in kept.values()} == {0}


TOO_MUCH = "it filled the disk with more, or more files, than a submission may write."


@pytest.mark.slow
@pytest.mark.parametrize(
    "attack",
    [
        "writes files that it maps and deletes",
        "writes files that never have a name",
        "sends itself files that it deleted",
    ],
)
def test_a_disk_that_a_submission_fills_is_noticed_where_nothing_can_be_mounted(not_mounting, attack):
    """The fork server sees free space go and come back, and the session says whose doing it was."""
    with opened(ROOMY) as session:
        assert not session.scratch.mounted
        said, _ = ended(session, f"{PREPARED}{SPACE[attack]}\nsoftmax()")
        assert said in (TOO_MUCH, "it wrote more than 128 MB of files.")


@pytest.mark.slow
def test_files_without_number_end_a_submission_where_nothing_can_be_mounted(not_mounting):
    """Soon, so that the grader has not too many to remove. Somebody else's don't."""
    with opened(replace(ROOMY, files=1000)) as session:
        code = "for i in range({}): open(f'e{{i}}', 'w').close()\nimport time\ntime.sleep(1)"
        assert session.run_cell(code.format(900))[0].error is None
        said, _ = ended(session, code.format(10**6))
        assert said in (TOO_MUCH, "it made more than 1000 files.")


@pytest.mark.slow
def test_files_that_somebody_else_makes_are_not_the_submission_s(not_mounting, tmp_path):
    with opened(replace(ROOMY, files=1000)) as session:
        session.run_cell("import threading, time\nthreading.Timer(0.1, time.sleep, [600]).start()")
        for number in range(2000):
            (tmp_path / str(number)).touch()
        assert printed(session, "time.sleep(0.3)\nprint('alive')") == "alive\n"


@pytest.mark.slow
def test_a_disk_that_somebody_else_fills_is_not_the_submission_s_fault(not_mounting, tmp_path):
    with opened(ROOMY) as session:
        session.run_cell("import threading, time\nthreading.Timer(0.1, time.sleep, [600]).start()")
        with (tmp_path / "big").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, 600 << 20)
            with pytest.raises(ForkServerError, match="not through the submission"):
                session.run_cell("time.sleep(20)")
        assert session.server.broken


def test_files_in_a_folder_without_a_mount_are_removed_all_the_same(not_mounting):
    with opened(GENEROUS, {"data.csv": b"1"}) as session:
        session.run_cell("open('mine.txt', 'w').write('x')")
        folder = session.scratch.path / session.folder.name  # as the grader sees it
        assert sorted(path.name for path in folder.iterdir()) == ["data.csv", "mine.txt"]


def test_ordinary_use_of_files_works(pool):
    """What falls back where a call is refused, above all: copying, and allocating."""
    code = """
import os, pathlib, shutil, sqlite3, tempfile
import numpy as np
pathlib.Path("a").write_bytes(bytes(300_000))
shutil.copy("a", "b"), shutil.copytree("data", tempfile.mkdtemp() + "/all")
with open("c", "w+b") as file:
    os.posix_fallocate(file.fileno(), 0, 100_000)
array = np.memmap("m", float, "w+", shape=(1000,))
array[:] = 1
array.flush()
database = sqlite3.connect("d")
database.execute("create table t (x)")
database.commit()
print(*(os.path.getsize(name) for name in "abcm"), np.fromfile("m").sum())
"""
    with pool.session((), {"data/table.csv": b"1,2"}) as session:
        assert printed(session, code) == "300000 300000 100000 8000 1000.0\n"


# --- threads ---------------------------------------------------------------------------------------------

HOLDS = """
import threading
threading.stack_size(1 << 18)
done = threading.Event()
started = []
try:
    for _ in range({number}):
        started.append(threading.Thread(target=done.wait, daemon=True))
        started[-1].start()
except RuntimeError:
    print("refused")
print(threading.active_count())
"""


@pytest.fixture
def counting(pool):
    """Skip the test where the kernel counts all threads of the grader's user together."""
    with pool.session((), {}) as session:
        if not session.server.counts_threads:
            pytest.skip("on this machine, threads are counted from outside")


def test_each_submission_has_256_threads_whatever_others_have(counting, pool):
    """The next one of the same fork server, too, and one that runs at the same time."""
    for _ in range(2):
        with (
            pool.session((), {}) as first,
            pool.session((), {}) as second,
        ):
            for session in (first, second):
                assert printed(session, HOLDS.format(number=400)) == "refused\n256\n"


@pytest.mark.parametrize("attack", THREADS.values(), ids=THREADS)
def test_no_way_of_starting_threads_gets_more(counting, pool, attack):
    with pool.session((), {}) as session:
        done, _ = session.run_cell(f"{PREPARED}{attack}\nsoftmax()")
        assert done.error == "RuntimeError"
        assert bounds.threads_of(session.pid) <= 256


def test_threads_that_nobody_counts_alone_are_counted_from_outside(monkeypatch):
    monkeypatch.setattr(ForkServer, "counts_threads", False)
    with opened(GENEROUS) as session:
        said, _ = ended(session, HOLDS.format(number=400) + "import time\ntime.sleep(30)")
        assert said == "it started more than 256 threads."


@pytest.mark.skipif(os.geteuid() == 0, reason="the kernel counts no thread of root's")
def test_an_ordinary_user_s_threads_have_a_bound_before_they_are_counted(monkeypatch):
    monkeypatch.setattr(ForkServer, "counts_threads", False)
    monkeypatch.setattr(bounds, "threads_of", lambda _: 0)
    with opened(GENEROUS) as session:
        code = f"{PREPARED}{THREADS['starts threads of the C library']}\nsoftmax()"
        assert session.run_cell(code)[0].error == "RuntimeError"


def test_pools_of_threads_work(pool):
    code = """
import asyncio
from concurrent.futures import ThreadPoolExecutor
import numpy as np
with ThreadPoolExecutor(64) as threads:
    print(sum(threads.map(lambda i: int(np.ones(i).sum()), range(1000))))
async def both():
    return await asyncio.gather(*(asyncio.to_thread(abs, -i) for i in range(50)))
print(sum(await both()), np.linalg.inv(np.eye(300)).trace())
"""
    with pool.session((), {}) as session:
        assert printed(session, code) == "499500\n1225 300.0\n"


# --- users -----------------------------------------------------------------------------------------------


def test_no_two_fork_servers_have_a_user_id_in_common():
    users = [User() for _ in range(40)]
    try:
        assert len({user.uid for user in users}) == 40
        assert {user.uid for user in users} <= set(IDS)
    finally:
        for user in users:
            user.close()


def test_a_user_id_is_free_again_when_its_fork_server_is_closed(monkeypatch):
    own = 10**7 + 2 * os.getpid()  # no other test that runs now claims these two
    monkeypatch.setattr("autograder.sandbox.users.IDS", range(own, own + 2))
    first, second, third = User(), User(), User()
    assert first.uid != second.uid
    assert third.uid in {first.uid, second.uid}, "where all are taken, one is shared"
    for user in (third, second, first):
        user.close()
    again = User()
    again.close()
    assert again.uid in {first.uid, second.uid}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_submissions_that_run_at_the_same_time_are_different_users():
    pool = Pool(GENEROUS)
    try:
        with (
            pool.session((), {}) as first,
            pool.session((), {}) as second,
        ):
            uids = [printed(session, "import os; print(os.getuid())") for session in (first, second)]
            assert len(set(uids)) == 2
    finally:
        pool.close()
