"""What a student reads of an exception: type, message, their own lines with an arrow, libraries by place alone."""

from __future__ import annotations

import pytest

from autograder.judging.calls import Call, Raised
from autograder.sandbox.pool import Pool

pytestmark = pytest.mark.sandbox
DEFINE = """import numpy as np

def outer(z):
    # a comment
    return inner(z)

def inner(z):
    return np.linalg.inv(z)
"""


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
