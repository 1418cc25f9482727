"""A session shows what a notebook would show, and survives or ends with a sentence whatever its code does."""

from __future__ import annotations

import base64
import contextlib
import re
import time
from dataclasses import replace

import numpy as np
import pytest
from conftest import SHORT
from hostile.attacks import processes_in

from autograder.exercise import Call, Callback, Raised, Returned, Stopped, Unreadable
from autograder.sandbox.policy import Limits
from autograder.sandbox.pool import Pool, SessionEndedError

pytestmark = pytest.mark.sandbox

HURRIED = Limits(cell_seconds=1.0, call_seconds=1.0, grace_seconds=0.5, submission_seconds=60)
LATEST = 1.0 + 0.5 + 3.0
"""When even a cell that resists must be gone; the last summand is for a busy machine."""


@contextlib.contextmanager
def opened(limits, files=None):
    """A session in a pool of its own; afterwards neither process nor folder is left."""
    pool = Pool(limits)
    try:
        with pool.session((), files or {}, time.monotonic() + limits.submission_seconds) as session:
            yield session
        assert processes_in(session.runtime.folder) == []
        assert not session._scratch.exists()
    finally:
        pool.close()
    assert not session.runtime.folder.exists()


@pytest.fixture(scope="module")
def pool():
    pool = Pool(SHORT)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def notebook(pool):
    """One session for cells that do no harm."""
    with pool.session((), {"data/table.csv": b"1,2\n"}, time.monotonic() + 300) as session:
        yield session


def outputs(session, source):
    done, late = session.run_cell(source)
    assert late is None
    return [(o.__struct_config__.tag, o) for o in done.outputs]


def printed(session, source):
    return "".join(o.text for tag, o in outputs(session, source) if tag == "stream")


def ended(session, source):
    """The sentence with which a cell ends its process, and the seconds it took."""
    started = time.monotonic()
    with pytest.raises(SessionEndedError) as caught:
        session.run_cell(source)
    assert session.ended == str(caught.value)
    return str(caught.value), time.monotonic() - started


def honest(pool):
    """Whether a new session of the pool works as if nothing had happened."""
    with pool.session((), {}, time.monotonic() + 30) as session:
        session.run_cell("def double(x):\n    return 2 * x")
        return session.ask("double", Call((21,))) == Returned(42)


# --- what a notebook shows -------------------------------------------------------------------------------


def test_prints_and_the_last_value_are_shown_in_order(notebook):
    code = "import sys\nprint('a')\nprint('b')\nprint('c', file=sys.stderr)\nprint('d')\n6 * 7"
    shown = outputs(notebook, code)
    assert [(o.name, o.text) for tag, o in shown if tag == "stream"] == [
        ("stdout", "a\nb\n"),
        ("stderr", "c\n"),
        ("stdout", "d\n"),
    ]
    assert (shown[-1][0], shown[-1][1].data) == ("execute_result", {"text/plain": "42"})


def test_cells_share_their_names_and_are_numbered(notebook):
    notebook.run_cell("kept = [1]")
    (first,), (second,) = outputs(notebook, "kept"), outputs(notebook, "kept + kept")
    assert second[1].data == {"text/plain": "[1, 1]"}
    assert second[1].execution_count == first[1].execution_count + 1


def test_an_exception_is_an_output_with_its_name_text_and_the_line(notebook):
    done, late = notebook.run_cell("print('before')\nraise KeyError('lost')")
    error = done.outputs[-1]
    assert (late, done.error, error.ename, error.evalue) == (None, "KeyError", "KeyError", "'lost'")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback))
    assert "raise KeyError('lost')" in plain


def test_a_syntax_error_names_itself(notebook):
    done, _ = notebook.run_cell("def f(:")
    assert (done.error, done.outputs[-1].ename) == ("SyntaxError", "SyntaxError")


def test_display_update_and_clear_do_what_they_do_in_a_notebook(notebook):
    code = "from IPython.display import clear_output, display\nprint('gone')\nclear_output()\n"
    code += "handle = display('old', display_id=True)\nhandle.update('new')\ndisplay('second')"
    shown = outputs(notebook, code)
    assert [(tag, o.data["text/plain"]) for tag, o in shown] == [
        ("display_data", "'new'"),
        ("display_data", "'second'"),
    ]
    waiting = "clear_output(wait=True)\nprint('replaced')"
    assert printed(notebook, f"print('first')\n{waiting}") == "replaced\n"


def test_a_figure_is_a_png(notebook):
    code = "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.show()"
    figures = [o.data["image/png"] for tag, o in outputs(notebook, code) if tag == "display_data"]
    assert [base64.b64decode(png)[:8] for png in figures] == [b"\x89PNG\r\n\x1a\n"]


def test_top_level_await_and_magics_work(notebook):
    assert printed(notebook, "import asyncio\nawait asyncio.sleep(0)\nprint('woke')") == "woke\n"
    assert "per loop" in printed(notebook, "%timeit -n 10 -r 2 1 + 1")
    assert printed(notebook, "%%capture said\nprint('caught')") == ""
    assert printed(notebook, "print(said.stdout, end='')") == "caught\n"


def test_files_beside_the_notebook_are_there_and_new_ones_can_be_written(notebook):
    assert printed(notebook, "print(open('data/table.csv').read(), end='')") == "1,2\n"
    code = "import shutil\nopen('mine.txt', 'w').write('x')\nshutil.copy('mine.txt', 'copy.txt')\n"
    assert printed(notebook, code + "print(open('copy.txt').read())") == "x\n"


@pytest.mark.parametrize("ask", ["input()", "input('name? ')", "import getpass; getpass.getpass()"])
def test_input_is_refused_with_a_sentence(notebook, ask):
    done, _ = notebook.run_cell(ask)
    assert done.error == "RuntimeError"
    assert done.outputs[-1].evalue == (
        "input() can't be used here: nobody is there to answer while a notebook is graded"
    )


# --- calls -----------------------------------------------------------------------------------------------


def test_a_call_returns_a_value_what_it_printed_and_warned_and_whether_it_changed_its_argument(notebook):
    notebook.run_cell(
        "import warnings\ndef f(x, *, n):\n    print('in')\n    warnings.warn('careful')\n"
        "    x *= n\n    return x.sum()"
    )
    answer = notebook.ask("f", Call((np.arange(3.0),), {"n": 2}))
    assert (float(answer.value), answer.changed) == (6.0, True)
    assert (answer.noise.printed, answer.noise.warnings) == ("in\n", ("UserWarning: careful",))


def test_a_call_that_raises_tells_its_public_type_and_hides_one_of_its_own(notebook):
    notebook.run_cell(
        "class Secret(Exception): pass\ndef known(): raise ValueError('x')\ndef own(): raise Secret('x')"
    )
    assert notebook.ask("known", Call(())) == Raised("ValueError", "x")
    assert notebook.ask("own", Call(())) == Raised("an exception of its own", "x")


def test_a_function_that_is_missing_or_no_function_is_named(notebook):
    notebook.run_cell("number = 3")
    assert notebook.ask("nowhere", Call(())) == Stopped("nowhere is not defined.", final=True)
    assert notebook.ask("number", Call(())) == Stopped(
        "number is not a function: it is an object of type int.", final=True
    )


def test_a_callback_is_answered_on_the_trusted_side_and_its_points_are_kept(notebook):
    notebook.run_cell("def slope(f):\n    return f([3.0]) - f([1.0])")
    answer = notebook.ask("slope", Call((Callback(lambda x: x[0] ** 2, "lambda x: x[0]**2"),)))
    assert answer.value == 8.0
    assert [point.tolist() for point in answer.points] == [[3.0], [1.0]]


def test_a_point_that_can_not_be_evaluated_is_an_error_of_the_caller(notebook):
    notebook.run_cell("def f(g):\n    return g('here')\ndef h(g):\n    return g(object())")
    squares = Call((Callback(lambda x: float(x @ x), "squares"),))
    assert notebook.ask("f", squares) == Raised(
        "ValueError", "the function can't be evaluated at what it was given"
    )
    answer = notebook.ask("h", squares)
    assert answer == Raised(
        "ValueError", "the function was given an object of type object where an array was expected"
    )


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("return np.zeros((33 << 20) // 8)", "too large to be an answer"),
        ("x = []\n    for _ in range(50): x = [x]\n    return x", "nested too deeply"),
        ("x = []\n    x.append(x)\n    return x", "nested too deeply"),
        ("return (i for i in range(3))", "an object of type generator"),
        ("return np.array([None, 1])", "an array of dtype object"),
        ("return f", "an object of type function"),
        ("return np.float64", "an object of type type"),
    ],
)
def test_a_value_that_is_no_data_is_described(notebook, body, what):
    notebook.run_cell(f"import numpy as np\ndef f():\n    {body}")
    answer = notebook.ask("f", Call(()))
    assert isinstance(answer, Unreadable)
    assert what in answer.what


def test_recursion_without_end_is_an_exception_and_the_session_goes_on(notebook):
    done, _ = notebook.run_cell("def down(n=0):\n    return down(n + 1)\ndown()")
    assert done.error == "RecursionError"
    assert notebook.ask("down", Call(())).type == "RecursionError"
    assert printed(notebook, "print('alive')") == "alive\n"


# --- limits ----------------------------------------------------------------------------------------------


def test_an_endless_cell_is_interrupted_and_the_session_lives_on():
    with opened(HURRIED) as session:
        session.run_cell("kept = 'kept'")
        started = time.monotonic()
        done, late = session.run_cell("print('on and on')\nwhile True:\n    pass")
        assert time.monotonic() - started < LATEST
        assert late == "the cell took more than 1 seconds and was stopped."
        assert done.error == "KeyboardInterrupt"
        assert printed(session, "print(kept)") == "kept\n"


def test_an_endless_call_is_interrupted_and_the_session_lives_on():
    with opened(HURRIED) as session:
        session.run_cell("def f():\n    while True:\n        pass\ndef g():\n    return 1")
        assert session.ask("f", Call(())) == Stopped("f took more than 1 seconds and was stopped.")
        assert session.ask("g", Call(())) == Returned(1)


RESISTS = {
    "a handler": "import signal\nsignal.signal(signal.SIGINT, lambda *_: None)\nwhile True: pass",
    "a blocked signal": "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, [2])\nwhile True: pass",
    "every exception caught": "import time\nwhile True:\n    try: time.sleep(0.2)\n    except BaseException: pass",
    "a sleep in C": "import ctypes\nlibc = ctypes.PyDLL(None)\nlibc.signal(2, 1)\nwhile True: libc.sleep(10)",
    "one long sum": "sum(range(10**12))",
    "a stopped process": "import os\nos.kill(os.getpid(), 19)",
}


@pytest.mark.parametrize("code", RESISTS.values(), ids=RESISTS.keys())
def test_a_cell_that_ignores_the_interrupt_is_killed_in_time_and_says_so(code):
    with opened(HURRIED) as session:
        said, seconds = ended(session, code)
        assert said == "the cell took more than 1 seconds and was stopped."
        assert 1.0 <= seconds < LATEST


def test_a_call_that_ignores_the_interrupt_is_killed_in_time_and_says_so():
    with opened(HURRIED) as session:
        session.run_cell("import signal\ndef f():\n    signal.signal(2, signal.SIG_IGN)\n    while True: pass")
        started = time.monotonic()
        with pytest.raises(SessionEndedError, match="f took more than 1 seconds and was stopped"):
            session.ask("f", Call(()))
        assert time.monotonic() - started < LATEST


def test_a_submission_s_cells_together_have_a_limit_of_their_own():
    with opened(replace(HURRIED, cell_seconds=30, submission_seconds=2)) as session:
        _, late = session.run_cell("while True: pass")
        assert late == "the submission took more than 2 seconds as a whole."
        assert time.monotonic() >= session.deadline


def test_too_much_memory_is_a_memory_error_and_the_session_lives_on():
    with opened(replace(SHORT, memory=1 << 30)) as session:
        done, _ = session.run_cell("import numpy as np\nbig = np.ones((2 << 30) // 8)")
        assert done.error in {"MemoryError", "_ArrayMemoryError"}
        done, _ = session.run_cell("pile = []\nwhile True:\n    pile.append(bytearray(8 << 20))")
        assert done.error == "MemoryError"
        assert printed(session, "del pile\nprint('alive')") == "alive\n"


def test_a_file_that_grows_too_large_is_an_error_and_the_session_lives_on():
    with opened(replace(SHORT, file_size=4 << 20)) as session:
        done, _ = session.run_cell("open('big', 'wb').write(b'x' * (8 << 20))")
        assert done.error == "OSError"
        assert "File too large" in done.outputs[-1].evalue
        assert printed(session, "import os\nprint(os.path.getsize('big') <= 4 << 20)") == "True\n"


def test_many_files_that_are_too_much_together_end_the_session():
    with opened(replace(SHORT, scratch_size=8 << 20)) as session:
        code = "import time\nfor i in range(12): open(f'f{i}', 'wb').write(b'x' * (1 << 20))\ntime.sleep(3)"
        said, seconds = ended(session, code)
        assert said == "it wrote more than 8 MB of files."
        assert seconds < 3.0 + LATEST


def test_too_many_open_files_are_an_error_and_the_session_lives_on():
    with opened(SHORT) as session:
        done, _ = session.run_cell("files = []\nwhile True: files.append(open('/dev/null'))")
        assert done.error == "OSError"
        assert printed(session, "print(len(files) < 128)\nfiles.clear()") == "True\n"


@pytest.mark.parametrize(
    "code", ["print('x' * 50_000_000)", "for _ in range(50): print('x' * 1_000_000)", "display('x' * 50_000_000)"]
)
def test_output_beyond_the_limit_is_cut_with_a_note(pool, code):
    with pool.session((), {}, time.monotonic() + 60) as session:
        done, late = session.run_cell(code)
        texts = [o.text for o in done.outputs if hasattr(o, "text")]
        assert late is None
        assert texts[-1] == "\n[output cut: it was longer than a grader keeps]\n"
        assert sum(map(len, texts)) < SHORT.output_bytes + 100
        assert printed(session, "print('next')") == "next\n"


def test_threads_without_number_are_an_error_and_no_thread_outlives_the_session():
    with opened(replace(SHORT, memory=1 << 30)) as session:
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
    with opened(SHORT) as session:
        session.run_cell("import multiprocessing, os, subprocess, sys")
        for way in ways:
            done, _ = session.run_cell(way)
            assert done.error in ("BlockingIOError", "PermissionError", "OSError"), way
        assert printed(session, "print(os.system('true') != 0)") == "True\n"
        assert len(processes_in(session.runtime.folder)) == 1


# --- ends ------------------------------------------------------------------------------------------------

ENDS = {
    "import os; os._exit(0)": "it ended its own process (os._exit, perhaps).",
    "import ctypes; ctypes.string_at(0)": "its process crashed (segmentation fault).",
    "import os; os.abort()": "its process aborted.",
    "import os; os.kill(os.getpid(), 15)": "its process was ended by signal 15.",
}


@pytest.mark.parametrize(("code", "sentence"), ENDS.items(), ids=ENDS)
def test_a_process_that_ends_says_how_and_the_pool_serves_the_next(pool, code, sentence):
    with pool.session((), {}, time.monotonic() + 60) as session:
        assert ended(session, code)[0] == sentence
        with pytest.raises(SessionEndedError, match=re.escape(sentence)):
            session.run_cell("1")
        assert processes_in(session._scratch) == []
    assert honest(pool)


FORGED = """
import json, os, struct
def send(message, blob=b"", fd=4):
    text = json.dumps(message).encode()
    os.write(fd, struct.pack(">II", len(text), len(blob)) + text + blob)
def any_write(fd, data):
    try:
        os.write(fd, data)
    except OSError:
        pass
"""
CHANNEL = "its process wrote to the grader's own channel, and was stopped."
GARBLES = {
    "send({'t': 'marks', 'score': 4})": CHANNEL,
    "send({'t': 'cell', 'outputs': [], 'error': None, 'score': 4})": CHANNEL,
    "send({'t': 'absent', 'what': None})": CHANNEL,
    "send({'t': 'ready'})": CHANNEL,
    "send({'t': 'asked', 'id': 0, 'point': None}, b'left over')": "it ended its own process (os._exit, perhaps).",
    "os.write(4, struct.pack('>II', 3, 0) + b'{]}')": CHANNEL,
    "os.write(4, struct.pack('>II', 2**32 - 1, 2**32 - 1))": "it sent more than can be an answer.",
    "os.write(4, struct.pack('>II', 10, 10)); os._exit(0)": "it ended its own process (os._exit, perhaps).",
    "for fd in range(128): any_write(fd, b'\\xff' * 4096)": "it sent more than can be an answer.",
}


@pytest.mark.parametrize(("code", "sentence"), GARBLES.items(), ids=GARBLES)
def test_what_is_written_to_the_grader_s_channel_is_found_out(pool, code, sentence):
    """The process is stopped; at the latest the next request notices what was left in the pipe."""
    with pool.session((), {}, time.monotonic() + 60) as session:
        session.run_cell(FORGED)
        with pytest.raises(SessionEndedError) as caught:  # noqa: PT012
            session.run_cell(code)
            session.run_cell("1")
        assert str(caught.value) == sentence
    assert honest(pool)


CLOSES = {
    "closes them all": "os.closerange(0, 128)",
    "turns them to /dev/null": "null = os.open('/dev/null', os.O_RDWR)\nfor fd in range(5): os.dup2(null, fd)",
    "sends a byte at a time": "while True:\n    os.write(4, bytes(1))\n    time.sleep(0.05)",
    "takes no requests": "os.close(3)",
}


@pytest.mark.parametrize("code", CLOSES.values(), ids=CLOSES.keys())
def test_a_process_that_spoils_its_channel_is_ended_in_time(code):
    with opened(HURRIED) as session:
        started = time.monotonic()
        with pytest.raises(SessionEndedError) as caught:  # noqa: PT012
            session.run_cell("import os, struct, time\n" + code)
            session.run_cell("1")
        assert str(caught.value).endswith(".")
        assert time.monotonic() - started < 2 * LATEST


def test_a_forged_value_is_no_more_than_the_value_it_sends(pool):
    """A frame written ahead of time is read as the answer; it holds what a return would have held."""
    with pool.session((), {}, time.monotonic() + 60) as session:
        session.run_cell(FORGED)
        session.run_cell(
            "def f():\n    send({'t': 'returned', 'value': {'t': 'int', 'v': '7'}, 'changed': False,"
            " 'printed': '', 'warnings': []})\n    os._exit(0)"
        )
        assert session.ask("f", Call(())) == Returned(7)
        with pytest.raises(SessionEndedError):
            session.ask("f", Call(()))


def test_closing_a_session_kills_what_still_runs_and_removes_its_files():
    """Threads that go on after their cell, a reset death signal: all are gone with the session."""
    with opened(SHORT) as session:
        session.run_cell(
            "import ctypes, threading\nctypes.CDLL(None).prctl(1, 0)\n"
            "def work():\n    while True: open('late', 'a').write('x')\n"
            "for _ in range(3): threading.Thread(target=work).start()"
        )
        assert len(processes_in(session.runtime.folder)) == 1
        scratch = session._scratch
        session.close()
        assert processes_in(session.runtime.folder) == []
        assert not scratch.exists()
        session.close()
        with pytest.raises(SessionEndedError, match="its process was closed"):
            session.run_cell("1")
