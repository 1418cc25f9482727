"""Fingerprints stay the same under renaming, comments, formatting and reordering, and any text can be read."""

from __future__ import annotations

import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampling import sampled

from autograder.notebooks.source import Source, SourceCell
from autograder.similar import tokens
from autograder.similar.features import LENGTH, WINDOW, answers_of, winnow
from autograder.similar.parts import Part, Questions
from autograder.similar.tokens import (
    MAX_CHARACTERS,
    defined_name,
    normalised,
    own_names,
    remarks,
    says_little,
    scan,
    statements,
)

PLAIN = """def f(z, axis=-1):
    top = np.max(z, axis=axis, keepdims=True)
    weights = np.exp(z - top)
    total = weights.sum(axis=axis, keepdims=True)
    return weights / total
"""
OTHERWISE = """
# another text, it seems
def f( z,
       axis = -1, ):   # with other names
    '''And a docstring.'''
    m=np.max(z, axis=axis,
             keepdims=True,) ; e = np.exp(z-m)

    s = e.sum(axis=axis, keepdims=True)   # the sum
    return e/s"""


def prints(text, given=("np", "f")):
    answers = answers_of([Part("q", 0, False, list(statements(text)))], given)
    return answers["q"]


def test_another_format_other_names_and_comments_are_the_same():
    assert prints(PLAIN).prints.keys() == prints(OTHERWISE).prints.keys()
    assert prints(PLAIN).shape == prints(OTHERWISE).shape
    assert prints(PLAIN).prints.keys() != prints(PLAIN.replace("z - top", "z + top")).prints.keys()


def test_statements_in_another_order_have_the_same_shape_and_most_fingerprints():
    lines = PLAIN.splitlines()
    lines[2], lines[3] = lines[3], lines[2]
    moved = prints("\n".join(lines))
    assert moved.shape == prints(PLAIN).shape
    assert len(moved.prints.keys() & prints(PLAIN).prints.keys()) > len(prints(PLAIN).prints) / 2


def test_a_long_run_of_equal_tokens_always_leaves_a_fingerprint():
    """The guarantee of winnowing, whatever stands around the run."""
    for seed in range(200):
        rng = Random(seed)
        run = [rng.choice("abcdefgh") + str(n) for n in range(LENGTH + WINDOW - 1)]
        texts = [
            [str(rng.random()) for _ in range(rng.randrange(30))] + run + [str(rng.random())] for _ in range(2)
        ]
        one, other = ({value for value, _ in winnow(text)} for text in texts)
        assert one & other


def test_a_fingerprint_stands_where_it_was_found():
    """The text at the place makes the same fingerprint, under any indentation."""
    whole = prints(PLAIN).prints
    for places in whole.values():
        for cell, start, end in places:
            assert cell == 0
            assert 0 <= start < end <= len(PLAIN)
    found = [whole[value] for value in prints("e = np.exp(z - top)").prints if value in whole]
    assert "weights = np.exp(z - top)" in [PLAIN[start:end] for places in found for _, start, end in places]


@given(st.text(alphabet=st.sampled_from("()[]{}:;,.'\"\\#\n =defg1.e+-\u00e9\ud800"), max_size=200))
def test_any_text_is_read(text):
    assert all(text[token.start : token.end] == token.text for token in scan(text))
    for statement in statements(text):
        assert statement
        assert normalised(statement, ())[-1][0] == ";"
        defined_name(statement)
    list(remarks(text))
    answers_of([Part("q", 0, False, list(statements(text)))], ())


@pytest.mark.parametrize(
    "unit",
    sampled(
        ['"""', "'", '\\"""', "(", "\\", "f(" * 3, "def f(:", "1e", "\x00", '"\\', "if x:", "# ", "a\n", "'''\\"],
        every=7,
        rest=3,
    ),
)
def test_no_text_takes_long(unit):
    """Eight times as long a text takes about eight times as long, not sixty-four: nothing backtracks."""

    def seconds(size):
        text = (unit * (size // len(unit)))[:size] + "\\"
        started = time.process_time()
        answers_of([Part("q", 0, False, list(statements(text)))], ())
        list(remarks(text))
        return time.process_time() - started

    short, long = (min(seconds(MAX_CHARACTERS // part) for _ in range(3)) for part in (32, 4))
    assert long < 40 * short + 0.5


def question(name, text, *, solution):
    return SourceCell(
        name, "code", text, grade=not solution, solution=solution, locked=not solution, task=False, points=1.0
    )


SOURCE = Source(
    tuple(
        cell
        for name in ("f", "g")
        for cell in (
            question(f"{name}-solution", f"def {name}(z):\n    return z", solution=True),
            question(name, "", solution=False),
        )
    ),
    program=(
        ("f-solution", "def f(z):\n    return z"),
        ("g-solution", "def g(z):\n    return z"),
        (None, "import numpy as np"),
    ),
)


def code(text, name=None):
    return {"cell_type": "code", "source": text, "metadata": {"nbgrader": {"grade_id": name}} if name else {}}


F, G, HELPER = (
    "def f(x):\n    return helper(x) + 1",
    "def g(x):\n    return np.sum(x * x)",
    "def helper(y):\n    return y - 2",
)


def shapes(*cells):
    asks = Questions(SOURCE)
    return {name: answer.shape for name, answer in answers_of(asks.of({"cells": list(cells)}), asks.given).items()}


def test_functions_are_found_in_any_cell():
    """As given, joined in one cell, in other cells, and with the helper in a cell below."""
    expected = shapes(code(f"{HELPER}\n\n{F}", "f-solution"), code(G, "g-solution"))
    assert set(expected) == {"f", "g"}
    assert shapes(code(f"{G}\n\n\n{F}\n{HELPER}", "f-solution"), code("", "g-solution")) == expected
    assert shapes(code(G), code(HELPER), code("", "f-solution"), code("# here", "g-solution"), code(F)) == expected
    assert shapes(code(F, "f-solution"), code(G, "g-solution"), code(HELPER)) == expected


def test_cells_of_the_instructor_are_nobodys_work():
    assert (
        shapes(code("import numpy as np"), code("def f(z):\n    return z", "f-solution"), code("x = 1", "f")) == {}
    )


# --- tokens and statements -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x1 = _y", "name operator name"),
        ("é日本 + x", "name operator name"),
        ("1e-5 .5 1_000 0xFF 2.", "number number number number number"),
        ("'a' \"b\" rb'c' f'{x}'", "string string string string"),
        ("\"\"\"a\nb\"\"\" '''c'''", "string string"),
        ("'a\\'b' 'open", "string string"),
        ("'''open\n to the end", "string"),
        ("x # y\nz", "name comment newline name"),
        ("a \\\n b", "name name"),
        ("a**=b//c->d...", "name operator name operator name operator name operator"),
        ("\t \x0c", ""),
    ],
)
def test_a_text_is_cut_into_tokens(text, found):
    assert " ".join(token.kind for token in scan(text)) == found


def test_so_many_characters_are_read_and_no_more(monkeypatch):
    monkeypatch.setattr(tokens, "MAX_CHARACTERS", 5)
    assert [token.text for token in scan("ab cdef gh")] == ["ab", "cd"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("\n\n# a remark\n;;", []),
        ("a\nb # c\n\nd", ["a", "b", "d"]),
        ("a = 1; b = 2;", ["a = 1", "b = 2"]),
        ("f(a,\n  b)\nc", ["f ( a , b )", "c"]),
        ("x = [1, # one\n 2]\ny", ["x = [ 1 , 2 ]", "y"]),
        ("f(x @ y,\n  b)\nc", ["f ( x @ y , b )", "c"]),
        ("if a: b\nelse: c", ["if a :", "b", "else :", "c"]),
        ("for i in x[1:2]:\n  y", ["for i in x [ 1 : 2 ] :", "y"]),
        ("def f(x: int): return x", ["def f ( x : int ) : return x"]),
        ("x: int = 1", ["x : int = 1"]),
        ("lambda x: y", ["lambda x : y"]),
        ("f(a\ndef g(): pass", ["f ( a", "def g ( ) : pass"]),
        ("f(a\n b", ["f ( a b"]),
        ("a)\nb", ["a )", "b"]),
        ("x = (1\nimport os", ["x = ( 1", "import os"]),
        ("@d\nclass A: pass", ["@ d", "class A : pass"]),
        ("a \\\n + b", ["a + b"]),
    ],
)
def test_a_text_is_cut_into_statements(text, found):
    assert [" ".join(token.text for token in statement) for statement in statements(text)] == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a = b + a", "$0 = $1 + $0 ;"),
        ("x = np.exp(y)", "$0 = np . exp ( $1 ) ;"),
        ("z.max(axis=a, keepdims=True)", "$0 . max ( axis = $1 , keepdims = True ) ;"),
        ("f(a == b)", "$0 ( $1 == $2 ) ;"),
        ("a = axis = b", "$0 = $1 = $2 ;"),
        ("len(self) is None", "len ( $0 ) is None ;"),
        ("[1, 2,]", "[ 1 , 2 ] ;"),
        ("(1,)", "( 1 ) ;"),
        ("1.0 + 1e0 + 1_0 + .50 + 0x1F + 1e999", "1 + 1 + 10 + 0.5 + 0x1F + inf ;"),
        ("r'a' + \"a\" + b'''a'''", "'a' + 'a' + 'a' ;"),
    ],
)
def test_names_are_numbered_and_what_is_given_or_built_in_stays(text, words):
    (statement,) = statements(text)
    assert " ".join(word for word, _ in normalised(statement, {"np"})) == words


def test_each_word_has_its_token_and_the_end_the_last():
    (statement,) = statements("x = [1,]")
    assert [token.text for _, token in normalised(statement, ())] == ["x", "=", "[", "1", "]", "]"]


@pytest.mark.parametrize(
    ("text", "little"),
    [
        ("import a", True),
        ("from a import b", True),
        ("'text'", True),
        ("'text' + x", False),
        ("x", False),
        ("importlib", False),
    ],
)
def test_imports_and_texts_alone_say_little(text, little):
    (statement,) = statements(text)
    assert says_little(statement) == little


REMARKS = '''x = 1  # One Two, three!
# only two
"""First line HERE
two words

and another: line_of it"""
y = "not a remark at all"
# Über X YZ
'''


def test_remarks_are_the_lines_of_comments_and_docstrings_with_three_words():
    found = ["one two three", "first line here", "and another line_of it", "über x yz"]
    assert list(remarks(REMARKS)) == found


def test_own_names_have_three_letters_and_are_neither_given_nor_built_in():
    (statement,) = statements("total = abc + ab + len(np.total) + 'text' + given + for_")
    assert list(own_names(statement, {"given"})) == ["total", "abc", "total", "for_"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("def f(x): pass", "f"),
        ("class A: pass", "A"),
        ("async def g(): pass", "g"),
        ("f = def_", None),
        ("x = class_", None),
        ("def", None),
        ("return f", None),
        ("@d", None),
        ("x", None),
    ],
)
def test_a_definition_is_known_by_its_name(text, name):
    assert [defined_name(statement) for statement in statements(text)] == [name]
