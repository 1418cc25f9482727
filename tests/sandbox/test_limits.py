"""Whatever a cell or call uses up, it ends in its time, with a sentence, and harms nobody else."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import GENEROUS
from hostile.attacks import processes_in
from sampling import sampled
from sandbox.sessions import HURRIED, LATEST, ended, opened, printed
from waiting import wait_until

from autograder.judging.calls import Call, Callback, Returned, Stopped
from autograder.sandbox.bounds import threads_of
from autograder.sandbox.process import SessionEndedError

pytestmark = pytest.mark.sandbox


def test_an_endless_cell_is_interrupted_and_the_session_lives_on():
    with opened(HURRIED) as session:
        session.run_cell("kept = 'kept'")
        started = time.monotonic()
        done, late = session.run_cell("print('on and on')\nwhile True:\n    pass")
        assert time.monotonic() - started < LATEST
        assert late == "the cell did not end within 1 s and was stopped."
        assert done.error == "KeyboardInterrupt"
        assert printed(session, "print(kept)") == "kept\n"


@pytest.mark.slow
def test_an_endless_call_is_interrupted_and_the_session_lives_on():
    with opened(HURRIED) as session:
        session.run_cell("def f():\n    while True:\n        pass\ndef g():\n    return 1")
        assert session.ask("f", Call(())) == Stopped("f did not end within 1 s and was stopped.", seconds=1)
        assert session.ask("g", Call(())) == Returned(1)


RESISTS = {
    "a handler": "import signal\nsignal.signal(signal.SIGINT, lambda *_: None)\nwhile True: pass",
    "a blocked signal": "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, [2])\nwhile True: pass",
    "every exception caught": "import time\nwhile True:\n    try: time.sleep(0.2)\n    except BaseException: pass",
    "a sleep in C": "import ctypes\nlibc = ctypes.PyDLL(None)\nlibc.signal(2, 1)\nwhile True: libc.sleep(10)",
    "one long sum": "sum(range(10**12))",
    "a stopped process": "import os\nos.kill(os.getpid(), 19)",
}


@pytest.mark.parametrize("kind", sampled(RESISTS, every=0, rest=3))
def test_a_cell_that_ignores_the_interrupt_is_killed_in_time_and_says_so(kind):
    with opened(HURRIED) as session:
        said, seconds = ended(session, RESISTS[kind])
        assert said == "the cell did not end within 1 s and was stopped."
        assert 1.0 <= seconds < LATEST


@pytest.mark.slow
def test_a_call_that_ignores_the_interrupt_is_killed_in_time_and_says_so():
    with opened(HURRIED) as session:
        session.run_cell("import signal\ndef f():\n    signal.signal(2, signal.SIG_IGN)\n    while True: pass")
        started = time.monotonic()
        with pytest.raises(SessionEndedError, match="f did not end within 1 s and was stopped"):
            session.ask("f", Call(()))
        assert time.monotonic() - started < LATEST


@pytest.mark.deep
@pytest.mark.slow
def test_a_submission_s_cells_together_have_a_limit_of_their_own():
    with opened(replace(HURRIED, cell_seconds=60, submission_seconds=10, grace_seconds=3)) as session:
        shared = session.budget.time
        _, late = session.run_cell("while True: pass", time_left=shared)
        assert late == shared.why_over == "the cells that carry no marks took more than 10 s together."
        assert shared.is_over


@pytest.mark.slow
def test_too_much_memory_is_a_memory_error_and_the_session_lives_on():
    with opened(replace(GENEROUS, cell_seconds=30, memory=1 << 30)) as session:
        done, _ = session.run_cell("import numpy as np\nbig = np.ones((2 << 30) // 8)")
        assert done.error in {"MemoryError", "_ArrayMemoryError"}
        done, _ = session.run_cell("pile = []\nwhile True:\n    pile.append(bytearray(8 << 20))")
        assert done.error == "MemoryError"
        assert printed(session, "del pile\nprint('alive')") == "alive\n"


@pytest.mark.slow
def test_a_file_that_grows_too_large_is_an_error_and_the_session_lives_on():
    with opened(replace(GENEROUS, file_size=4 << 20)) as session:
        done, _ = session.run_cell("open('big', 'wb').write(b'x' * (8 << 20))")
        assert done.error == "OSError"
        assert "File too large" in done.outputs[-1].evalue
        assert printed(session, "import os\nprint(os.path.getsize('big') <= 4 << 20)") == "True\n"


@pytest.mark.slow
def test_many_files_that_are_too_much_together_end_the_session():
    with opened(replace(GENEROUS, scratch_size=8 << 20)) as session:
        code = "import time\nfor i in range(12): open(f'f{i}', 'wb').write(b'x' * (1 << 20))\ntime.sleep(3)"
        said, seconds = ended(session, code)
        assert said == "it wrote more than 8 MB of files."
        assert seconds < 3.0 + LATEST


@pytest.mark.slow
def test_too_many_open_files_are_an_error_and_the_session_lives_on():
    with opened(GENEROUS) as session:
        done, _ = session.run_cell("files = []\nwhile True: files.append(open('/dev/null'))")
        assert done.error == "OSError"
        assert printed(session, "print(len(files) < 128)\nfiles.clear()") == "True\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    "code", ["print('x' * 50_000_000)", "for _ in range(50): print('x' * 1_000_000)", "display('x' * 50_000_000)"]
)
def test_output_beyond_the_limit_is_cut_with_a_note(pool, code):
    with pool.session((), {}) as session:
        done, late = session.run_cell(code)
        texts = [o.text for o in done.outputs if hasattr(o, "text")]
        assert late is None
        assert texts[-1] == "\n[output cut: it was longer than a grader keeps]\n"
        assert sum(map(len, texts)) < GENEROUS.output_bytes + 100
        assert printed(session, "print('next')") == "next\n"


@pytest.mark.slow
def test_threads_without_number_are_an_error_and_no_thread_outlives_the_session():
    with opened(replace(GENEROUS, memory=1 << 30)) as session:
        code = "import threading\nwait = threading.Event()\nwhile True: threading.Thread(target=wait.wait).start()"
        done, _ = session.run_cell(code)
        assert done.error == "RuntimeError"
        assert printed(session, "wait.set()\nprint('alive')") == "alive\n"


def test_no_process_can_be_started():
    """Each way is refused, a fork bomb included, and the session lives on."""
    ways = [
        "os.fork()",
        "os.forkpty()",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.posix_spawn(os.path.realpath(sys.executable), ['python'], {})",
        "subprocess.run(['/bin/true'])",
        "multiprocessing.get_context('fork').Process(target=print).start()",
        "multiprocessing.get_context('spawn').Process(target=print).start()",
    ]
    with opened(GENEROUS) as session:
        session.run_cell("import multiprocessing, os, subprocess, sys")
        for way in ways:
            done, _ = session.run_cell(way)
            # a root of its own has neither the programs nor the devices
            assert done.error in ("BlockingIOError", "PermissionError", "OSError", "FileNotFoundError"), way
        assert printed(session, "print(os.system('true') != 0)") == "True\n"
        assert len(processes_in(session.folder)) == 1


# --- on the trusted side, too ----------------------------------------------------------------------------

CHANNEL = """
import json, os, struct
def send(message, blob=b""):
    text = json.dumps(message).encode()
    data = struct.pack(">II", len(text), len(blob)) + text + blob
    while data: data = data[os.write(4, data):]
"""
TOO_MUCH_OUTPUT = {
    "forged": CHANNEL
    + """
stream = {"output_type": "stream", "name": "stdout", "text": "x" * 50_000_000}
send({"t": "cell", "outputs": [stream], "error": None})
""",
    "updated": "h = display('a', display_id=True)\nh.update({'text/plain': 'x' * 50_000_000}, raw=True)",
    "by turns": "import sys\nfor _ in range(200_000):\n    print('a')\n    print('b', file=sys.stderr)",
    "wide letters": "print('\\U0001f600' * 1_000_000)",
    "a long name": "raise type('A' * 5_000_000, (Exception,), {})()",
}


@pytest.mark.slow
@pytest.mark.parametrize("code", TOO_MUCH_OUTPUT.values(), ids=TOO_MUCH_OUTPUT)
def test_no_cell_outputs_more_than_the_grader_keeps(pool, code):
    with pool.session((), {}) as session:
        shown = []
        with contextlib.suppress(SessionEndedError):
            shown = session.run_cell(code)[0].outputs
        assert len(str(shown)) < 2 * GENEROUS.output_bytes
        assert session.ended in (None, "it sent more than can be an answer.")


@pytest.mark.parametrize("last", ["1 / 0", "2.5", "print('x' * 9_000_000); 1 / 0"])
def test_what_decides_about_marks_is_kept_however_much_was_printed(pool, last):
    with pool.session((), {}) as session:
        done, _ = session.run_cell(f"print('x' * 2_000_000)\n{last}")
        end = done.outputs[-1]
        assert getattr(end, "ename", None) == "ZeroDivisionError" or end.data == {"text/plain": "2.5"}


SPACE = {
    "it wrote more than 32 MB of files.": [
        f"for i in range(3): open(f'y{k}{{i}}', 'wb').write(b'x' * (8 << 20))" for k in range(4)
    ]
    + ["import time\ntime.sleep(2)"],
    "it made more than 10000 files.": [
        "import time\nfor i in range(10_500): open(f'e{i}', 'w').close()\ntime.sleep(2)"
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize(("sentence", "cells"), SPACE.items(), ids=SPACE)
def test_files_are_measured_and_counted_after_each_cell(sentence, cells):
    with opened(replace(GENEROUS, cell_seconds=30, scratch_size=32 << 20)) as session:
        for cell in cells[:-1]:
            with contextlib.suppress(SessionEndedError):
                session.run_cell(cell)
        said, _ = ended(session, cells[-1])
        assert said == sentence


ODD_FOLDERS = {
    "closed": "import os\nfor name in 'abc': os.mkdir(name, 0); open(name + '.txt', 'w').write('x')",
    "deep": "import os\ntry:\n    while True: os.mkdir('d'); os.chdir('d')\nexcept OSError: pass",
}


@pytest.mark.parametrize("kind", sampled(ODD_FOLDERS, every=0, rest=2))
def test_folders_of_any_kind_are_removed(kind):
    """Nested beyond what Python walks, or without permissions: `opened` sees that nothing is left."""
    with opened(replace(GENEROUS, scratch_size=64 << 20)) as session, contextlib.suppress(SessionEndedError):
        session.run_cell(ODD_FOLDERS[kind])


@pytest.mark.slow
def test_files_in_memory_are_refused():
    """No limit counts them."""
    with opened(GENEROUS) as session:
        done, _ = session.run_cell("import os\nos.memfd_create('m')")
        assert done.error == "PermissionError"


@pytest.mark.slow
def test_a_function_that_asks_for_values_at_huge_points_is_stopped(pool):
    """Four million booleans would become 32 MB of floats, twice, for each question."""
    point = "{'t': 'array', 'dtype': '|b1', 'shape': [4_000_000]}"
    ask = f"send({{'t': 'asked', 'id': 0, 'point': {point}}}, bytes(4_000_000))"
    with pool.session((), {}) as session:
        session.run_cell(f"{CHANNEL}\ndef f(g):\n    {ask}\n    os.read(3, 99)\n    return 1.0")
        with pytest.raises(SessionEndedError, match="more points than any method needs"):
            session.ask("f", Call((Callback(lambda x: x.size, "size"),)))


@pytest.mark.slow
def test_a_reply_that_is_cut_by_the_deadline_is_late_and_no_attack():
    """Large and just in time: whichever way it falls, the session says that time was up, or answers."""
    with opened(replace(GENEROUS, call_seconds=1)) as session:
        session.run_cell(
            "import time\nimport numpy as np\ndef f(wait):\n    time.sleep(wait)\n    return np.full(80_000, 0.5)"
        )
        for step in range(6):
            answer = session.ask("f", Call((0.94 + 0.01 * step,)))
            assert isinstance(answer, Returned) or answer == Stopped(
                "f did not end within 1 s and was stopped.", seconds=1
            )


@pytest.mark.slow
def test_no_process_survives_a_grader_that_is_killed():
    """Although it resets the death signal, and one of its threads goes on."""
    asks_to_survive = (
        "import ctypes, threading, time\nctypes.CDLL(None).prctl(1, 0, 0, 0, 0)\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()\ntime.sleep(600)"
    )
    program = f"""
from autograder.sandbox.policy import Limits
from autograder.sandbox.pool import Pool
pool = Pool(Limits(cell_seconds=900, submission_seconds=900))
session = pool.session((), {{}})
print(session.pid, session.server.runtime.folder, flush=True)
session.run_cell({asks_to_survive!r})
"""
    killed = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    pid, folder = killed.stdout.readline().split()
    below = Path(folder)
    wait_until(lambda: threads_of(int(pid)) > 1)
    assert int(pid) in processes_in(below)
    killed.kill()
    killed.wait()
    killed.stdout.close()
    wait_until(lambda: processes_in(below) == [])
    shutil.rmtree(below)
