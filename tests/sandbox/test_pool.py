"""A session shows what a notebook would show, and survives or ends with a sentence whatever its code does."""

from __future__ import annotations

import ast
import base64
import json
import os
import re
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from conftest import GENEROUS
from hostile.attacks import processes_in
from sandbox.sessions import HURRIED, LATEST, ended, honest, opened, outputs, printed

from autograder.judging.calls import Call, Callback, Raised, Returned, Stopped, Unreadable
from autograder.sandbox.channel import frame
from autograder.sandbox.fork_server import ForkServerError
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.pool import Pool, warm_imports
from autograder.sandbox.process import SessionEndedError

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def notebook(pool):
    """One session for cells that do no harm."""
    with pool.session((), {"data/table.csv": b"1,2\n"}) as session:
        yield session


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


def test_a_call_that_raises_shows_a_public_type_and_hides_one_of_its_own(notebook):
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


# --- ends ------------------------------------------------------------------------------------------------

ENDS = {
    "import os; os._exit(0)": "it ended its own process (os._exit, perhaps).",
    "import ctypes; ctypes.string_at(0)": "its process crashed (segmentation fault).",
    "import os; os.abort()": "its process aborted.",
    "import os; os.kill(os.getpid(), 15)": "its process was ended by signal 15.",
}


@pytest.mark.parametrize(("code", "sentence"), ENDS.items(), ids=ENDS)
def test_a_process_that_ends_says_how_and_the_pool_serves_the_next(pool, code, sentence):
    with pool.session((), {}) as session:
        assert ended(session, code)[0] == sentence
        with pytest.raises(SessionEndedError, match=re.escape(sentence)):
            session.run_cell("1")
        assert processes_in(session.folder) == []
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
    with pool.session((), {}) as session:
        session.run_cell(FORGED)
        with pytest.raises(SessionEndedError) as caught:  # noqa: PT012
            session.run_cell(code)
            session.run_cell("1")
        assert str(caught.value) == sentence
    assert honest(pool)


TWO_AT_ONCE = """
def f(x):
    frames = [{"t": "returned", "value": None, "changed": False, "printed": "", "warnings": []}, SECOND]
    texts = [json.dumps(frame).encode() for frame in frames]
    os.write(4, b"".join(struct.pack(">II", len(text), 0) + text for text in texts))
"""
SECONDS = {
    "{'t': 'asked', 'id': 0, 'point': None}": CHANNEL,
    "{'t': 'cell', 'outputs': [], 'error': None}": CHANNEL,
    "{'t': 'marks', 'score': 4}": CHANNEL,
    "{'t': 'unreadable', 'what': 'x' * 9_000_000}": "it sent more than can be an answer.",
}


@pytest.mark.parametrize(("second", "sentence"), SECONDS.items(), ids=SECONDS)
def test_what_comes_together_with_an_answer_is_read_as_strictly(pool, second, sentence):
    """It is there before anybody waits for it."""
    with pool.session((), {}) as session:
        session.run_cell(FORGED + TWO_AT_ONCE.replace("SECOND", second))
        answers = list(session.ask_all("f", [Call((1,)), Call((2,)), Call((3,))], [64] * 3))
        assert answers == [Returned(None)]
        assert session.ended == sentence
    assert honest(pool)


CLOSES = {
    "closes them all": "os.closerange(0, 128)",
    "turns them to /dev/null": "null = os.open('/dev/null', os.O_RDWR)\nfor fd in range(5): os.dup2(null, fd)",
    "sends a byte at a time": "while True:\n    os.write(4, bytes(1))\n    time.sleep(0.05)",
    "takes no requests": "os.close(3)",
}


@pytest.mark.slow
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
    with pool.session((), {}) as session:
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
    with opened(GENEROUS) as session:
        session.run_cell(
            "import ctypes, threading\nctypes.CDLL(None).prctl(1, 0)\n"
            "def work():\n    while True: open('late', 'a').write('x')\n"
            "for _ in range(3): threading.Thread(target=work).start()"
        )
        assert len(processes_in(session.folder)) == 1
        scratch = session.scratch.path
        session.close()
        assert processes_in(session.folder) == []
        assert list(scratch.iterdir()) == []
        session.close()
        with pytest.raises(SessionEndedError, match="its process was closed"):
            session.run_cell("1")


@pytest.mark.slow
def test_a_fork_server_that_is_killed_is_not_the_submission_s_fault():
    """Its sessions raise what is no SessionEndedError, close quietly, and leave nothing; the next has another."""
    with opened(GENEROUS) as session:
        session.server._process.kill()
        with pytest.raises(ForkServerError):
            session.run_cell("import time; time.sleep(3)")
    with opened(GENEROUS) as session:
        session.server._process.kill()
        session.close()


# --- what is warm ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "warm"),
    [
        ("import numpy as np", set()),
        ("import matplotlib.pyplot as plt", {"matplotlib"}),
        ("%pylab inline", {"matplotlib"}),
        ("import figures", {"matplotlib"}),
        ("from widgets import slider", {"ipywidgets"}),
        ("import pandas, ipywidgets", {"matplotlib", "ipywidgets"}),
        ("# unlike pandas", set()),
        ("import late", set()),
    ],
)
def test_what_takes_long_is_imported_for_submissions_that_import_it(code, warm):
    """The code does, or a file beside it that the code names, when it is imported; other files don't count."""
    files = {
        "figures.py": b"import matplotlib",
        "widgets.py": b"import ipywidgets",
        "late.py": b"def draw():\n    import matplotlib",
        "data.csv": b"import matplotlib",
    }
    assert warm_imports(code, files) == warm


def test_where_figures_are_drawn_every_mention_counts():
    late = {"late.py": b"def draw():\n    import matplotlib"}
    assert warm_imports("import late", late, figures=True) == {"matplotlib", "figures"}
    assert warm_imports("import numpy", late, figures=True) == set()


def test_a_process_has_imported_what_it_was_asked_for_and_can_import_the_rest(pool):
    for warm in ({"ipywidgets"}, set()):
        with pool.session((), {}, frozenset(warm)) as session:
            asked = "import sys; print(sorted({'ipywidgets', 'matplotlib', 'numpy'} & set(sys.modules)))"
            assert printed(session, asked) == f"{sorted(warm | {'numpy'})}\n"
            assert printed(session, "import ipywidgets; print(ipywidgets.FloatSlider().value)") == "0.0\n"


def test_the_instructor_s_cells_are_compiled_once_for_all_who_run_them(pool):
    """One that doesn't compile, or that would change how later cells are compiled, waits until it is run."""
    learned = "print(sorted(get_ipython().input_transformer_manager.learned))"
    ours = ["assert True", "x = (", "from __future__ import annotations", "%time 1", "await nothing()"]
    for fixed, kept in ((ours, ours[:1]), (["def f(): pass"], [ours[0], "def f(): pass"]), ((), [])):
        with pool.session(("fixed",), {}, frozenset(), fixed) as session:
            assert ast.literal_eval(printed(session, learned)) == (kept or ["assert True", "def f(): pass"])
            assert printed(session, "def g(a: missing): ...\nprint(g.__annotations__)") == ""  # no string


def test_a_prepared_fork_server_serves_the_first_submission_on_its_thread_s_core():
    pool = Pool(GENEROUS)

    def first():
        os.sched_setaffinity(0, {core})
        with pool.session((), {}, frozenset()) as session:
            return session.server, os.sched_getaffinity(session.pid)

    core = max(os.sched_getaffinity(0))
    try:
        pool.prepare((), frozenset(), Launcher())
        ((prepared,),) = pool._idle.values()
        with ThreadPoolExecutor(1) as threads:
            assert threads.submit(first).result() == (prepared, {core})
    finally:
        pool.close()


def test_a_grader_that_dies_in_the_middle_of_an_order_leaves_no_process():
    """The order to fork has come, the pipes have not."""
    pool = Pool(GENEROUS)
    try:
        with pool.session((), {}, frozenset()) as session:
            server = session.server
        order = {"op": "fork", "folder": str(server.scratch.path), "environment": {}}
        server._control.send(frame(order), time.monotonic() + 60)
        server._orders.shutdown(socket.SHUT_WR)
        assert server._process.wait(timeout=60) == 0
    finally:
        pool.close()
    assert processes_in(server.runtime.folder) == []


def test_a_process_that_died_before_it_was_needed_is_replaced():
    pool = Pool(GENEROUS)
    try:
        pool.prepare((), frozenset(), Launcher())
        ((prepared,),) = pool._idle.values()
        prepared._process.kill()
        with pool.session((), {}, frozenset()) as session:
            assert session.server is not prepared
            assert printed(session, "print(1)") == "1\n"
    finally:
        pool.close()
    assert not prepared.scratch.path.exists()


DRAWING = frozenset({"matplotlib"})


@pytest.mark.slow
def test_what_matplotlib_found_out_about_its_fonts_is_kept_for_the_next(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with opened(GENEROUS, warm=DRAWING):
        (kept,) = (tmp_path / "autograder" / "matplotlib").iterdir()
    found = json.loads(kept.read_text())
    assert found["ttflist"]
    assert not [font for font in found["ttflist"] if os.path.isabs(font["fname"])], "the system's are listed, too"
    found["ttflist"][0]["name"] = "Kept"
    kept.write_text(json.dumps(found))
    with opened(GENEROUS, warm=DRAWING) as session:
        asked = "from matplotlib.font_manager import fontManager; print('Kept' in fontManager.get_font_names())"
        assert printed(session, asked) == "True\n"


@pytest.mark.slow
def test_a_list_of_fonts_that_was_damaged_is_made_anew(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with opened(GENEROUS, warm=DRAWING):
        (kept,) = (tmp_path / "autograder" / "matplotlib").iterdir()
    whole = kept.read_text()
    kept.write_text(whole[:1000])
    with opened(GENEROUS, warm=DRAWING) as session:
        assert (
            printed(session, "import matplotlib.font_manager as f; print(len(f.fontManager.ttflist) > 9)")
            == "True\n"
        )
    assert len(json.loads(kept.read_text())["ttflist"]) == len(json.loads(whole)["ttflist"])


@pytest.mark.slow
def test_a_cache_that_can_t_be_written_costs_nothing_but_time(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with opened(GENEROUS) as session:
        assert printed(session, "print(1)") == "1\n"


def test_a_notebook_begins_where_nothing_has_run(pool):
    """What the fork server tried out once has left no cell, no name and no result."""
    seen = "import linecache; print(In, Out, [name for name in linecache.cache if 'input' in name], 'np' in dir())"
    with pool.session((), {}) as session:
        (_, shown), (_, result) = outputs(session, f"{seen}\n1")
    assert re.fullmatch(r"\['', .*\] \{\} \['<ipython-input-1-\w+>'\] False\n", shown.text)
    assert result.execution_count == 1


@pytest.mark.parametrize(("parent", "left"), [("os.getppid()", "alive\n"), ("1", "")], ids=["lives", "is dead"])
def test_a_fork_ends_at_once_if_its_server_died_before_it_asked_for_the_death_signal(parent, left):
    """A fork that has another parent by now was orphaned before it asked for the signal."""
    code = f"import os; from autograder.sandbox.inside import seal; seal.die_with({parent}); print('alive')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == left
