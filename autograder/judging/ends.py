"""Mistakes in how a function ends, which show whatever its formula is: nothing returned, an exception."""

from __future__ import annotations

from autograder.judging.calls import Answer, Raised, Returned
from autograder.judging.candidates import Candidate, TriedCheck
from autograder.judging.comparison import Comparison
from autograder.judging.slips import Slip

PRINTED = Slip(
    "printed-not-returned",
    (
        "The function prints and returns None. What is printed can't be used by other code: write "
        "`return` before the result."
    ),
)
NOTHING = Slip(
    "nothing-returned",
    (
        "The function returns None: either it ends without `return`, or what it returns comes from a call that "
        "gives nothing back, such as `print` or the `sort` of a list."
    ),
)
MATH = Slip(
    "math-on-arrays",
    "A function of the module `math` takes one number. Those of NumPy (np.log, np.exp, …) take whole arrays.",
)
WRITTEN = Slip(
    "input-mutated",
    (
        "An argument is written into, and here it is read-only. Make a new array: `x = x - 1` makes one,"
        " `x -= 1` does not."
    ),
)
WRITES = Slip(
    "input-mutated",
    (
        "The function writes into its argument, so that what the caller holds is changed. Make a new array:"
        " `x = x - 1` makes one, `x -= 1` does not."
    ),
)
SHAPES = Slip(
    "shapes-do-not-fit",
    "Two arrays inside have shapes that don't fit together. Print the shapes of both before the line that fails.",
)
AXIS = Slip("axis-out-of-bounds", "An axis is named that the array doesn't have: axes are counted from 0.")
UNKNOWN = Slip(
    "name-not-defined",
    "The code uses a name that nothing defines here. Does it stand in a cell that wasn't run, or that stopped?",
)
INDEX = Slip(
    "index-out-of-bounds", "A position is asked of an array that is shorter: positions are counted from 0."
)
ATTRIBUTE = Slip("no-such-attribute", "Something is asked for by a name that its object or module doesn't have.")
TEXTS = (
    ("only length-1 arrays", MATH),
    ("only 0-dimensional arrays", MATH),
    ("read-only", WRITTEN),
    ("could not be broadcast", SHAPES),
    ("mismatch in its core dimension", SHAPES),
    ("not aligned", SHAPES),
    ("shape mismatch", SHAPES),
    ("is out of bounds for array of dimension", AXIS),
    ("is out of bounds for axis", INDEX),
    ("index out of range", INDEX),
    ("too many indices", INDEX),
    ("has no attribute", ATTRIBUTE),
    ("is not defined", UNKNOWN),
)


def end_of(entry: TriedCheck) -> Slip | None:
    """Return the mistake behind every wrong answer of a check, if it is one of these."""
    wrong = [asked.answer for asked in entry.asked if asked.clause is not None]
    if all(map(_is_nothing, wrong)):
        first = wrong[0]
        return PRINTED if isinstance(first, Returned) and first.noise.printed.strip() else NOTHING
    for text, slip in TEXTS:
        if all(isinstance(answer, Raised) and text in answer.text for answer in wrong):
            return slip
    return None


def is_written_into(comparison: Comparison, base: Candidate, entry: TriedCheck) -> bool:
    """Whether a check fails only because an argument is changed: the values are those of a base."""
    return all(
        isinstance(asked.answer, Returned) and (asked.clause is None or asked.answer.changed)
        for asked in entry.asked
    ) and all(comparison.gives(base, asked) for asked in entry.asked)


def _is_nothing(answer: Answer) -> bool:
    return isinstance(answer, Returned) and answer.value is None
