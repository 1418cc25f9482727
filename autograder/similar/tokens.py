"""A student's text as tokens that renaming, comments and formatting leave as they are.

One regular expression reads the text, from left to right and in linear time. Unlike the standard library's
tokenizer it goes on where the text is no Python, and reads the same on every version of Python. The text is never
parsed, compiled or run.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

MAX_CHARACTERS = 100_000
"""How much of a cell is read."""
_SCAN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<string>(?:[rRbBuUfFtT]{1,2})?(?:\"\"\"(?:[^\\]|\\.)*?(?:\"\"\"|\\?\Z)|'''(?:[^\\]|\\.)*?(?:'''|\\?\Z)
        |"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?))
  | (?P<name>[^\W\d]\w*)
  | (?P<number>\.?\d(?:[eE][+-]?\d|[\w.])*)
  | (?P<continued>\\\n)
  | (?P<newline>\n)
  | (?P<space>[^\S\n]+)
  | (?P<operator>\*\*=|//=|>>=|<<=|\.\.\.|[-+*/%@&|^=!<>:]=|->|\*\*|//|<<|>>|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_BUILTINS = frozenset(dir(builtins)) | frozenset(keyword.kwlist)
_QUOTES = "\"'"
CLOSING = (")", "]", "}")
END = ";"
"""The token at the end of a statement."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a text: its kind, what it says, and where it stands."""

    kind: str
    text: str
    start: int
    end: int


def scan(text: str) -> Iterator[Token]:
    """Yield the tokens of a text but spaces; of ``MAX_CHARACTERS`` characters at most."""
    for match in _SCAN.finditer(text[:MAX_CHARACTERS]):
        kind = match.lastgroup or ""
        if kind not in ("space", "continued"):
            yield Token(kind, match[0], match.start(), match.end())


def statements(text: str) -> Iterator[list[Token]]:
    """Yield the tokens of each statement, without comments; a block's head is a statement of its own."""
    depth, line = 0, list[Token]()
    for token in scan(text):
        at_margin = token.start == 0 or text[token.start - 1] == "\n"
        if at_margin and token.text in ("def", "class", "import", "from", "@"):
            depth = 0  # whatever was left open above
        ends = token.kind == "newline" or token.text == ";" or (at_margin and line and not depth)
        if ends and not depth:
            if line:
                yield line
            line = []
        if token.kind in ("newline", "comment") or token.text == ";":
            continue
        depth = (
            max(0, depth + (token.text in "([{") - (token.text in ")]}")) if token.kind == "operator" else depth
        )
        line.append(token)
        if (
            token.text == ":"
            and not depth
            and line[0].text in ("if", "else", "elif", "for", "while", "try", "with")
        ):
            yield line
            line = []
    if line:
        yield line


def normalised(statement: Sequence[Token], given: Collection[str]) -> list[tuple[str, Token]]:
    """Return the words of a statement, each with its token: variables are numbered in the order of their use.

    Parameters
    ----------
    statement
        The tokens of one statement.
    given
        Names that the assignment gives, such as ``np`` and the functions to write: they stay.
    """
    known: dict[str, str] = {}
    words: list[tuple[str, Token]] = []
    for place, token in enumerate(statement):
        before = statement[place - 1].text if place else ""
        after = statement[place + 1].text if place + 1 < len(statement) else ""
        if token.kind == "name":
            named = before == "." or (before in ("(", ",") and after == "=")
            fixed = named or token.text in _BUILTINS or token.text in given
            words.append((token.text if fixed else known.setdefault(token.text, f"${len(known)}"), token))
        elif token.kind == "number":
            words.append((_number(token.text), token))
        elif token.kind == "string":
            words.append((f"'{token.text.lstrip('rRbBuUfFtT').strip(_QUOTES)}'", token))
        elif token.text != "," or after not in CLOSING:
            words.append((token.text, token))
    return [*words, (END, statement[-1])]


def _number(text: str) -> str:
    try:
        return f"{float(text.replace('_', '')):g}"
    except (ValueError, OverflowError):
        return text


def says_little(statement: Sequence[Token]) -> bool:
    """Whether a statement is an import, or a text alone, as a docstring is."""
    return statement[0].text in ("import", "from") or (len(statement) == 1 and statement[0].kind == "string")


def remarks(text: str) -> Iterator[str]:
    """Yield the words of each comment and docstring line that says more than two words."""
    for token in scan(text):
        if token.kind == "comment" or (token.kind == "string" and "\n" in token.text):
            for line in token.text.split("\n"):
                words = re.findall(r"\w+", line.lower())
                if len(words) > 2:
                    yield " ".join(words)


def own_names(statement: Sequence[Token], given: Collection[str]) -> Iterator[str]:
    """Yield the names of more than two letters in a statement that a student chose."""
    for token in statement:
        if (
            token.kind == "name"
            and len(token.text) > 2
            and token.text not in _BUILTINS
            and token.text not in given
        ):
            yield token.text


def defined_name(statement: list[Token]) -> str | None:
    """Return the name of the function or class that a statement defines, if it does."""
    heads = [token for token in statement[:3] if token.kind == "name"]
    is_definition = len(heads) > 1 and heads[-2].text in ("def", "class")
    return heads[-1].text if is_definition else None
