"""Formulas in LaTeX as MathML, which browsers typeset themselves, without a script or a network."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape, unescape

from math_core import LatexError, LatexToMathML

MAX_LENGTH = 2_000
"""In characters. What is longer stays text: the converter's stack grows with the depth of a formula."""
WIDE = 24
"""Signs from which a formula may be wider than a phone. It can be scrolled there, by keys too."""
_MARK = {"inline": "tex", "block": "txb"}
"""The class of the ``<code>`` that holds a formula until the HTML around it is sanitised."""
_MARKED = re.compile(r'(<th\b[^<>]*>)?<code class="(tex|txb)">([^<]*)</code>')
_TAG = re.compile("<[^<>]*>")
_ELEMENT = (
    "math|menclose|mfrac|mi|mn|mo|mover|mphantom|mroot|mrow|mspace|msqrt|msub|msubsup|msup|mtable|mtd|mtext|mtr|"
    "munder|munderover"
)
_NAME = (
    "accent|accentunder|display|displaystyle|form|linethickness|lspace|mathvariant|maxsize|minsize|movablelimits|"
    "notation|rspace|scriptlevel|stretchy|width"
)
_STYLE = (
    r"(?>(?:(?:text-align|justify-items): (?:left|right|center|start|end);|padding-(?:left|right): ?(?:0|1em);"
    r"|border-(?:top|right|bottom|left): 0\.05em solid currentcolor;| )*)"
)
_ATTRIBUTE = rf' (?:(?:{_NAME})="(?:[a-z]*+|-?[0-9]?[0-9]?(?:\.[0-9]*+)?(?:r?em)?)"|style="{_STYLE}")'
_MATHML = re.compile(
    rf"<math(?>(?:{_ATTRIBUTE})*)>"
    rf"(?>(?:[^<>]*+<(?:/(?:{_ELEMENT})|(?:{_ELEMENT})(?>(?:{_ATTRIBUTE})*) ?/?)>)*)[^<>]*+"
)
_DECORATION = re.compile(r' (?:class="[\w -]*"|style="(?:color|border|width)[^"<>]*")')


def marked(tex: str, kind: str) -> str:
    """Return a formula, ``inline`` or ``block``, as HTML that sanitisers keep and :func:`typeset` looks for."""
    return f'<code class="{_MARK[kind]}">{escape(tex)}</code>'


def typeset(html: str) -> str:
    """Return sanitised HTML with each marked formula as MathML.

    A formula that can't be converted stays readable: it is shown as it was written, between dollars.
    """
    return _MARKED.sub(_typeset, html)


def _typeset(found: re.Match[str]) -> str:
    head, kind, text = found[1] or "", found[2], unescape(found[3])
    block = kind == _MARK["block"]
    mathml = as_mathml(text, block=block)
    if mathml is None:
        fence = "$$" if block else "$"
        return f"{head}{fence}{escape(text)}{fence}"
    if head:  # a column's head needs a name, and not every reader takes it from MathML
        return head + mathml.replace("<math", f'<math title="{escape(text)}"', 1)
    if len(unescape(_TAG.sub("", mathml))) > WIDE:
        return f'<span class="wide {kind}" tabindex="0" role="group" aria-label="formula">{mathml}</span>'
    return mathml


@lru_cache(maxsize=4096)
def as_mathml(tex: str, *, block: bool) -> str | None:
    r"""Return a formula as MathML; None if it can't be converted.

    The formula may be a student's. Of the converter's output only elements and attributes of an allow-list are
    kept, and of lengths only those below 100: a formula links to nothing, and takes no class or style of the page.

    >>> as_mathml(r"\sqrt{x}", block=False)
    '<math><msqrt><mi>x</mi></msqrt></math>'
    """
    if len(tex) > MAX_LENGTH:
        return None
    try:
        found = LatexToMathML(fancy_error=False).convert_with_local_state(tex, displaystyle=block)
    except (LatexError, UnicodeEncodeError):
        return None
    plain = _DECORATION.sub("", found)
    return plain if _MATHML.fullmatch(plain) else None
