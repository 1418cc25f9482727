"""The parts of the notebook's shell that need no notebook."""

from __future__ import annotations

import ast
import warnings
from types import SimpleNamespace

import pytest

from autograder.sandbox.inside.display import Recorder
from autograder.sandbox.inside.shell import (
    Stream,
    catching_errors,
    catching_warnings,
    counted,
    named,
    no_input,
)


def test_a_stream_records_texts_alone_and_says_how_many_letters_it_took():
    recorder = Recorder(10_000)
    out = Stream("stderr", SimpleNamespace(recorder=recorder))
    assert (out.writable(), out.encoding, out.name) == (True, "UTF-8", "stderr")
    assert [out.write(text) for text in ("", "ab\n", "")] == [0, 3, 0]
    with pytest.raises(TypeError, match="must be str, not <class 'bytes'>"):
        out.write(b"x")
    print("c", file=out)
    assert recorder.finished() == [{"output_type": "stream", "name": "stderr", "text": "ab\nc\n"}]


def test_a_stream_that_was_given_nothing_leaves_its_recorder_unused():
    recorder = Recorder(10_000)
    Stream("stdout", SimpleNamespace(recorder=recorder)).write("")
    assert recorder.is_unused


@pytest.mark.parametrize(
    ("number", "count"),
    [(0, 0), (7, 7), (2**31 - 1, 2**31 - 1), (2**31, None), (-1, None), (1.0, None), ("1", None), (None, None)],
)
def test_an_execution_count_is_a_small_number_or_none(number, count):
    assert counted(number) == count


def test_a_code_object_is_renamed_with_all_functions_in_it():
    code = compile("def f():\n    def g(): return 1\n    return lambda: g\nx = (1, 'old')", "old", "exec")

    def files(code):
        inner = [const for const in code.co_consts if isinstance(const, type(code))]
        return [code.co_filename, *(name for each in inner for name in files(each))]

    assert files(named(code, "new")) == ["new"] * 4
    assert files(code) == ["old"] * 4
    names = {}
    exec(named(code, "new"), names)
    assert names["x"] == (1, "old")


@pytest.mark.parametrize("source", ["x = (", "x = '\0'", "(" * 10_000])
def test_what_does_not_compile_is_none(source):
    assert catching_errors(compile, source, "<cell>", "exec") is None


def test_an_error_that_is_none_of_a_compiler_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        catching_errors(lambda: 1 / 0)


def test_whether_a_compiler_warned_is_said_each_time_and_the_warning_goes_nowhere():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            assert catching_warnings(compile, "x = 1 is 1", "<cell>", "exec")[1] is True
    tree, warned = catching_warnings(ast.parse, "x = 1")
    assert (type(tree), warned) == (ast.Module, False)
    assert catching_warnings(ast.parse, "x = (") == (None, False)


def test_nobody_answers_whatever_the_prompt():
    for prompt in ((), ("name? ",), ("name? ", None)):
        with pytest.raises(RuntimeError, match="nobody is there to answer"):
            no_input(*prompt)


# --- in a student's process ------------------------------------------------------------------------------

TRANSFORMER = """
import ast
class Doubled(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.Constant(2 * node.value)
get_ipython().ast_transformers.append(Doubled())"""
HOOKS = """
seen = []
for event in ("pre_run_cell", "post_execute", "post_run_cell"):
    get_ipython().events.register(event, lambda *_, event=event: seen.append(event))"""
EACH = "post_execute post_run_cell pre_run_cell"
"""The events from within a cell to within the next."""
CELLS = [
    ("x = 5\n1 / 0\nx = 6", ["error ZeroDivisionError"]),
    ("x", ["result 5"]),
    ("x;", []),
    ("x\nx + 1", ["result 6"]),
    ("_ + 1", ["result 7"]),
    ("print(_i, In[2], Out[2], len(In))", ["_ + 1 x 5 7\n"]),
    ("exit()\nquit()", []),
    ("exit", []),
    ("len?", []),
    ("%gui qt", []),
    ("1 is 1", ["…SyntaxWarning", "result True"]),
    ("import asyncio\nawait asyncio.sleep(0, 3)", ["result 3"]),
    (HOOKS, []),
    ("seen.clear()", []),
    ("await asyncio.sleep(0)", []),
    ("print(*seen)", [f"{EACH} {EACH}\n"]),
    ("get_ipython().events.callbacks['pre_run_cell'].clear()", []),
    ("def f(): 1 / 0", []),
    ("f()", ["error ZeroDivisionError"]),
    ("from IPython.display import clear_output\nprint('a')\nclear_output()\nprint('b')", ["b\n"]),
    ("print('a')\nclear_output(wait=True)", ["a\n"]),
    ("from __future__ import annotations", []),
    ("def g(a: missing): ...\ng.__annotations__", ["result {'a': 'missing'}"]),
    (TRANSFORMER, []),
    ("21", ["result 42"]),
]


def told(output):
    """What an output is, in short; of a stream to stderr, that it is one."""
    match output.__struct_config__.tag:
        case "stream":
            return "…SyntaxWarning" if "SyntaxWarning" in output.text else output.text
        case "execute_result":
            return f"result {output.data['text/plain']}"
        case "error":
            return f"error {output.ename}"
    return output


@pytest.mark.sandbox
def test_cells_do_what_they_do_in_a_notebook(pool):
    """One after the other in one process: values, inputs, magics, warnings, events and ways of compiling."""
    with pool.session((), {}) as session:
        for source, shown in CELLS:
            done, _ = session.run_cell(source)
            assert [told(output) for output in done.outputs] == shown, source
