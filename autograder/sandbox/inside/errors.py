"""Tracebacks as a notebook shows them, in a hundredth of the time that IPython's own formatter takes.

A frame of the student's is shown with its lines and an arrow, a frame of a library with its place alone. Nothing
is coloured: the pages that show it have no terminal.
"""

from __future__ import annotations

import linecache
import os
import sys
import sysconfig
import traceback

from .display import name_of, text_of

RULE = "-" * 75
HEADING = "Traceback (most recent call last)"
AROUND = 2
"""Lines that are shown before and after the one that raised."""
FIRST, LAST = 4, 6
"""Frames that are shown of a long traceback."""
CHAINED = {
    True: "The above exception was the direct cause of the following exception:",
    False: "During handling of the above exception, another exception occurred:",
}
MAX_CHAIN = 8
HERE = os.path.dirname(__file__) + os.sep


def install(shell):
    """Have a shell format tracebacks as this module does, unless the notebook sets another mode (``%xmode``)."""
    usual, usual_syntax = shell.InteractiveTB.structured_traceback, shell.SyntaxTB.structured_traceback

    def structured(etype=None, value=None, tb=None, *args, **kwargs):
        if shell.InteractiveTB.mode != "Context" or not isinstance(value, BaseException):
            return usual(etype, value, tb, *args, **kwargs)
        return _whatever_it_is(value, lambda: formatted(value, tb, shell.compile))

    def structured_syntax(etype, value, *args, **kwargs):
        if shell.InteractiveTB.mode != "Context" or not isinstance(value, SyntaxError):
            return usual_syntax(etype, value, *args, **kwargs)
        return _whatever_it_is(value, lambda: _formatted_syntax(value, shell.compile))

    shell.InteractiveTB.structured_traceback = structured
    shell.SyntaxTB.structured_traceback = structured_syntax


def _whatever_it_is(value, form):
    """Return a traceback, or the type and text alone: a notebook may raise what has fields of other types."""
    try:
        return form()
    except Exception:  # noqa: BLE001
        return [f"{name_of(type(value))}: {text_of(value)}"]


def _formatted_syntax(value, compiler):
    if value.text is None and value.lineno:  # found when the syntax tree was compiled
        value.text = linecache.getline(value.filename, value.lineno) or None
    return _frames(value.__traceback__, compiler, libraries=False) + _message(value, compiler)


def formatted(value, tb, compiler):
    """Return the parts of a traceback: a heading, each frame, and the message; chained exceptions first."""
    parts, chain = [], [(value, tb)]
    while len(chain) < MAX_CHAIN:
        last = chain[-1][0]
        before = last.__cause__ or (None if last.__suppress_context__ else last.__context__)
        if before is None or any(before is known for known, _ in chain):
            break
        chain.append((before, before.__traceback__))
    for number, (error, frames) in enumerate(reversed(chain)):
        if number:
            parts += ["\n" + CHAINED[error.__cause__ is not None] + "\n"]
        name = name_of(type(error))
        parts += [RULE, name + HEADING.rjust(len(RULE) - len(name)), *_frames(frames, compiler)]
        parts += _message(error, compiler)
    return parts


def _message(error, compiler):
    """Return the type and the text, and each note; for a syntax error also the line, with a caret below it."""
    parts = [part.rstrip("\n") for part in traceback.format_exception_only(type(error), error)]
    if not isinstance(error, SyntaxError):
        return parts
    if parts[0].startswith("  File "):
        _, newline, rest = parts[0].partition("\n")
        parts[0] = f"  {_place(str(error.filename), error.lineno, compiler)}{newline}{rest}"
    return ["\n".join(parts)]


def _frames(tb, compiler, *, libraries=True):
    frames = list(traceback.walk_tb(tb))
    while frames and _is_shells(frames[0][0].f_code.co_filename):
        del frames[0]
    while frames and frames[-1][0].f_code.co_filename.startswith(HERE):
        del frames[-1]
    if not libraries:
        frames = [entry for entry in frames if _is_students(entry[0].f_code.co_filename, compiler)]
    shown = [_frame(frame.f_code, line, compiler) for frame, line in [*frames[:FIRST], *frames[FIRST:][-LAST:]]]
    if len(frames) > FIRST + LAST:
        shown.insert(FIRST, f"    [... {len(frames) - FIRST - LAST} frames are left out ...]\n")
    return shown


def _is_shells(filename):
    return f"{os.sep}IPython{os.sep}core{os.sep}" in filename or filename.startswith(HERE)


def _frame(code, line, compiler):
    where = _place(code.co_filename, line, compiler)
    if code.co_name != "<module>":
        where += f", in {code.co_qualname}"
    return f"{where}\n" + (_lines(code.co_filename, line) if _is_students(code.co_filename, compiler) else "")


def _is_students(filename, compiler):
    return _cell(filename, compiler) is not None or filename.startswith((os.getcwd() + os.sep, "<string>"))


def _cell(filename, compiler):
    """Return what a notebook calls a cell's file, such as "Cell In[3]"; None for other files."""
    named = compiler.format_code_name(filename)
    return " ".join(named) if named else None


def _place(filename, line, compiler):
    cell = _cell(filename, compiler)
    if cell:
        return f"{cell}, line {line}"
    for folder in (os.getcwd(), *sys.path, sysconfig.get_path("stdlib")):
        if folder and filename.startswith(folder + os.sep):
            filename = filename[len(folder) + 1 :]
            break
    return f"File {filename}:{line}"


def _lines(filename, line):
    first = max(1, line - AROUND)
    source = [(n, linecache.getline(filename, n)) for n in range(first, line + AROUND + 1)]
    arrow = "-" * (5 - len(str(line))) + f"> {line}"
    return "".join(f"{arrow if n == line else f'{n:>7}'} {text.rstrip()}\n" for n, text in source if text)
