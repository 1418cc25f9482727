"""What a student reads of an exception: type, message, their own lines with an arrow, libraries by place alone."""

from __future__ import annotations

import linecache
import sys
import sysconfig
from types import SimpleNamespace

import pytest

from autograder.judging.calls import Call, Raised
from autograder.sandbox.inside import errors
from autograder.sandbox.pool import Pool

pytestmark = pytest.mark.sandbox
DEFINE = """import numpy as np

def outer(z):
    # a comment
    return inner(z)

def inner(z):
    return np.linalg.inv(z)
"""


class Compiler:
    """Names cells as IPython's own compiler does: here ``@3`` is the file of the third."""

    def format_code_name(self, name):
        return ("Cell", f"In[{name[1:]}]") if name.startswith("@") else None


@pytest.fixture
def caught(monkeypatch, tmp_path):
    """Run code in files of some names, in one namespace; return what the last one raised, without this frame."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(linecache, "cache", dict(linecache.cache))

    def run(*named):
        names = {}
        for name, text in named:
            linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        for name, text in named:
            try:
                exec(compile(text, name, "exec"), names)
            except Exception as error:  # noqa: BLE001
                return error.with_traceback(error.__traceback__.tb_next)
        raise AssertionError("nothing was raised")

    return run


def formatted(error):
    return errors.formatted(error, error.__traceback__, Compiler())


def test_a_traceback_is_a_rule_a_heading_of_the_same_width_each_frame_and_the_message(caught):
    rule, heading, frame, message = formatted(caught(("@1", "x = 1\n\nint('a')\n")))
    assert rule == "-" * 75
    assert heading == "ValueError" + " " * 32 + "Traceback (most recent call last)"
    assert frame == "Cell In[1], line 3\n      1 x = 1\n      2 \n----> 3 int('a')\n"
    assert message == "ValueError: invalid literal for int() with base 10: 'a'"


DIRECT = "\nThe above exception was the direct cause of the following exception:\n"
DURING = "\nDuring handling of the above exception, another exception occurred:\n"


@pytest.mark.parametrize(
    ("how", "said"),
    [("", ["KeyError: 'a'", DURING]), (" from error", ["KeyError: 'a'", DIRECT]), (" from None", [])],
)
def test_what_is_said_of_an_earlier_exception_is_whether_it_is_the_cause_or_came_before(caught, how, said):
    error = caught(("@1", f"try:\n    {{}}['a']\nexcept KeyError as error:\n    raise ValueError('no a'){how}\n"))
    parts = formatted(error)
    assert [part for part in parts if part in (DIRECT, DURING, "KeyError: 'a'", "ValueError: no a")] == [
        *said,
        "ValueError: no a",
    ]
    assert parts.count(errors.RULE) == 1 + bool(said)
    assert [part for part in parts if part.startswith("Cell")][-1].startswith("Cell In[1], line 4\n")


def chain(length):
    last = first = ValueError(str(length))
    for number in range(length - 1, 0, -1):
        first.__cause__ = first = ValueError(str(number))
    return last, first


@pytest.mark.parametrize(("length", "shown"), [(1, 1), (7, 7), (8, 8), (9, 8), (50, 8)])
def test_of_a_long_chain_the_last_eight_are_shown_in_order(length, shown):
    parts = formatted(chain(length)[0])
    said = [part for part in parts if part.startswith("ValueError: ")]
    assert said == [f"ValueError: {number}" for number in range(length - shown + 1, length + 1)]
    assert parts.count(DIRECT) == shown - 1


def test_a_chain_that_leads_back_to_itself_is_shown_once():
    last, first = chain(3)
    first.__cause__ = last
    assert formatted(last).count(errors.RULE) == 3


def test_notes_follow_the_message_and_an_error_without_text_is_its_type():
    error = ValueError("no")
    error.add_note("a hint")
    error.add_note("another")
    assert formatted(error)[-3:] == ["ValueError: no", "a hint", "another"]
    assert formatted(ValueError())[-1] == "ValueError"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (1, ["----> 1 l1", "      2 l2", "      3 l3"]),
        (2, ["      1 l1", "----> 2 l2", "      3 l3", "      4 l4"]),
        (10, ["      8 l8", "      9 l9", "---> 10 l10", "     11 l11", "     12 l12"]),
        (100, ["     98 l98", "     99 l99", "--> 100 l100"]),
    ],
)
def test_two_lines_stand_before_and_after_the_one_with_the_arrow(monkeypatch, line, shown):
    source = [f"l{number}  \n" for number in range(1, 101)]
    monkeypatch.setattr(linecache, "cache", {"@1": (1, None, source, "@1")})
    assert errors._lines("@1", line) == "".join(f"{text}\n" for text in shown)


def test_a_file_is_named_from_the_folder_of_the_notebook_of_a_library_or_whole(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", f"{tmp_path}/data", "/opt/site"])
    cases = {
        "@7": "Cell In[7], line 3",
        f"{tmp_path}/helper.py": "File helper.py:3",
        f"{tmp_path}/data/more.py": "File data/more.py:3",
        f"{tmp_path}x/helper.py": f"File {tmp_path}x/helper.py:3",
        "/opt/site/scipy/stats.py": "File scipy/stats.py:3",
        f"{sysconfig.get_path('stdlib')}/json/decoder.py": "File json/decoder.py:3",
        "/elsewhere/a.py": "File /elsewhere/a.py:3",
        "<string>": "File <string>:3",
    }
    assert {name: errors._place(name, 3, Compiler()) for name in cases} == cases


def test_lines_are_shown_of_cells_files_beside_the_notebook_and_strings_alone(caught, tmp_path):
    named = {"@1": True, f"{tmp_path}/helper.py": True, "<string>": True, f"{tmp_path}x/a.py": False}
    for name, shown in named.items():
        *_, frame, _message = formatted(caught((name, "1 / 0\n")))
        assert ("----> 1 1 / 0" in frame) is shown, name


def test_a_frame_in_a_function_tells_its_name_and_that_of_what_is_around_it(caught):
    parts = formatted(caught(("/opt/a.py", "class A:\n    def f(self): 1 / 0\n"), ("@2", "A().f()\n")))
    assert parts[2:-1] == ["Cell In[2], line 1\n----> 1 A().f()\n", "File /opt/a.py:2, in A.f\n"]


@pytest.mark.parametrize(("depth", "left_out"), [(1, 0), (9, 0), (10, 1), (30, 21)])
def test_more_than_ten_frames_are_shown_as_the_first_four_and_the_last_six(caught, depth, left_out):
    """The cell is a frame, too."""
    text = "def f(n):\n    if n > 1:\n        f(n - 1)\n    else:\n        1 / 0\n"
    frames = formatted(caught(("@1", text), ("@2", f"f({depth})\n")))[2:-1]
    assert frames[0].startswith("Cell In[2], line 1\n")
    assert frames[-1].startswith("Cell In[1], line 5, in f\n")
    note = f"    [... {left_out} frames are left out ...]\n"
    assert [number for number, frame in enumerate(frames) if frame == note] == ([4] if left_out else [])
    assert len(frames) == (11 if left_out else depth + 1)


def test_the_frames_of_the_shell_around_a_cell_are_not_shown_and_those_below_it_are(caught):
    shell, ours = "/opt/IPython/core/shell.py", f"{errors.HERE}shell.py"
    calls = "def {}(f, *more): f(*more)\n"
    error = caught(
        (shell, calls.format("outer")),
        (ours, calls.format("ours") + "def refuse(): 1 / 0\n"),
        ("@3", "def own(): outer(ours, refuse)\n"),
        (shell, "outer(ours, own)\n"),
    )
    linecache.cache.clear()
    places = [part.partition("\n")[0] for part in formatted(error)[2:-1]]
    assert places == ["Cell In[3], line 1, in own", "File /opt/IPython/core/shell.py:1, in outer"]


def test_a_syntax_error_is_one_part_with_the_place_the_line_and_a_caret(caught):
    (part,) = errors._formatted_syntax(caught(("@1", "x = 1\ndef f(:\n")), Compiler())
    assert part.split("\n")[:3] == ["  Cell In[1], line 2", "    def f(:", "          ^"]
    assert part.split("\n")[3].startswith("SyntaxError: ")


def test_a_syntax_error_that_has_no_line_yet_is_given_the_cell_s(monkeypatch):
    monkeypatch.setattr(linecache, "cache", {"@1": (1, None, ["x = 1\n", "return x\n"], "@1")})
    for text, shown in ((None, "return x"), ("its own", "its own")):
        error = SyntaxError("'return' outside function", ("@1", 2, 1, text))
        (part,) = errors._formatted_syntax(error, Compiler())
        assert part.startswith(f"  Cell In[1], line 2\n    {shown}\n"), text
    assert errors._formatted_syntax(SyntaxError("of nothing"), Compiler()) == ["SyntaxError: of nothing"]


def test_of_a_syntax_error_s_frames_only_the_student_s_are_shown(caught):
    error = caught(("/opt/a.py", "def load(): compile('x = (', '@9', 'exec')\n"), ("@1", "load()\n"))
    frame, message = errors._formatted_syntax(error, Compiler())
    assert frame.startswith("Cell In[1], line 1\n----> 1 load()\n")
    assert message.startswith("  Cell In[9], line 1\n    x = (\n")


@pytest.mark.parametrize("mode", ["Context", "Plain", "Minimal"])
def test_the_shell_s_own_formatter_is_asked_in_another_mode_and_for_what_is_no_exception(mode):
    usual = SimpleNamespace(mode=mode, structured_traceback=lambda *args, **kwargs: ("usual", args, kwargs))
    syntax = SimpleNamespace(structured_traceback=lambda *args, **kwargs: ("usual syntax", args, kwargs))
    shell = SimpleNamespace(InteractiveTB=usual, SyntaxTB=syntax, compile=Compiler())
    errors.install(shell)
    value, wrong = ValueError("no"), SyntaxError("wrong")
    own = mode == "Context"
    asked = ("usual", (ValueError, value, None, 3), {"context": 5})
    assert usual.structured_traceback(ValueError, value, None, 3, context=5) == (
        formatted(value) if own else asked
    )
    assert usual.structured_traceback(None, "text") == ("usual", (None, "text", None), {})
    asked = ("usual syntax", (SyntaxError, wrong, [], 3), {})
    assert syntax.structured_traceback(SyntaxError, wrong, [], 3) == (["SyntaxError: wrong"] if own else asked)
    assert syntax.structured_traceback(ValueError, value, []) == ("usual syntax", (ValueError, value, []), {})


def test_what_can_t_be_formatted_is_told_by_its_type_and_text():
    assert errors._whatever_it_is(ValueError("no"), lambda: 1 / 0) == ["ValueError: no"]
    assert errors._whatever_it_is(ValueError("no"), lambda: ["formatted"]) == ["formatted"]


# --- in a student's process ------------------------------------------------------------------------------


@pytest.fixture
def shown(pool: Pool):
    """Run cells in one process; return the parts of the last one's traceback."""

    def run(*cells, files=()):
        with pool.session((), dict(files)) as session:
            for cell in cells:
                done, _ = session.run_cell(cell)
        return done.outputs[-1].traceback

    return run


def test_own_lines_have_an_arrow_and_a_library_its_place(shown):
    _rule, heading, *frames, message = shown(DEFINE, "outer(np.zeros((2, 2)))")
    assert heading.split() == ["LinAlgError", "Traceback", "(most", "recent", "call", "last)"]
    own, library = frames[:3], frames[3:]
    assert own[0] == "Cell In[2], line 1\n----> 1 outer(np.zeros((2, 2)))\n"
    assert own[1].startswith("Cell In[1], line 5, in outer\n")
    assert "----> 5     return inner(z)\n" in own[1]
    assert "      4     # a comment\n" in own[1]
    assert "----> 8     return np.linalg.inv(z)\n" in own[2]
    assert library
    assert all(frame.startswith("File numpy/") and frame.count("\n") == 1 for frame in library)
    assert message == "numpy.linalg.LinAlgError: Singular matrix"


def test_a_file_beside_the_notebook_is_the_students_own(shown):
    parts = shown("import helper", files={"helper.py": b"x = 1\nx / 0\n"}.items())
    assert "File helper.py:2\n      1 x = 1\n----> 2 x / 0\n" in parts


def test_a_syntax_error_shows_the_line_with_a_caret(shown):
    (part,) = shown("def softmax(:\n    pass")
    assert part.startswith("  Cell In[1], line 1\n    def softmax(:\n                ^\nSyntaxError: ")


@pytest.mark.parametrize("cell", ["x = (", "def f(x):", "text = '''never", "%matplotlib inline\nx = ["])
def test_code_that_ends_too_early_is_a_syntax_error(pool, cell):
    """IPython lets Python tell it apart, which since 3.13 has a private name for it."""
    with pool.session((), {}) as session:
        done, _ = session.run_cell(cell)
        (output,) = done.outputs
    assert output.ename == "SyntaxError"
    assert "\nSyntaxError: " in output.traceback[-1]
    assert output.traceback[-1].startswith("  Cell In[1], line ")


def test_a_chain_is_shown_from_its_first_cause(shown):
    parts = shown("try:\n    {}['a']\nexcept KeyError as error:\n    raise ValueError('no a') from error")
    assert parts.index("KeyError: 'a'") < parts.index("ValueError: no a")
    assert any("direct cause" in part for part in parts)


def test_of_an_endless_recursion_the_middle_is_left_out(shown):
    parts = shown("def f():\n    return f()\nf()")
    assert len(parts) < 20
    assert any("frames are left out" in part for part in parts)
    assert parts[-1].startswith("RecursionError: ")


@pytest.mark.parametrize(
    "odd",
    [
        "class E(Exception):\n    def __str__(self): raise ValueError\nraise E",
        "e = ValueError()\ne.__cause__ = e\nraise e",
        "e = f = ValueError()\nfor _ in range(50):\n    f.__context__ = ValueError(); f = f.__context__\nraise e",
        "class M(type):\n    def __getattribute__(c, n): raise ValueError\nraise M('E', (Exception,), {})",
        "exec(compile('1/0', '<string>', 'exec'))",
        "exec(compile('1/0', 'x' * 9999, 'exec'))",
        "e = SyntaxError('x')\ne.filename, e.lineno, e.text = 3, 'y', 4\nraise e",
    ],
)
def test_an_odd_exception_is_shown_all_the_same(shown, odd):
    assert shown(odd)


def test_another_mode_is_the_notebooks_own_choice(shown):
    assert not any("---->" in part for part in shown("%xmode Minimal", "1 / 0"))


def test_a_function_whose_exception_lies_about_its_type_has_raised(pool):
    """Its metaclass must not end the process, which would cost the other functions their state."""
    cell = """
class M(type):
    def __getattribute__(c, n): raise ValueError
    __repr__ = None

class E(Exception, metaclass=M):
    def __str__(self): raise BaseException

def f(): raise E
"""
    with pool.session((), {}) as session:
        session.run_cell(cell)
        assert session.ask("f", Call(())) == Raised("an exception of its own")
        assert session.ended is None
