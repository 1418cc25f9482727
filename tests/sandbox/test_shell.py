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
