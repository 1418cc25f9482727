"""What one submission may send, in one reply and in all, and the time that the grader may take over it."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.judging.stopwatch import Stopwatch
from autograder.sandbox.inside.display import DECISIVE_BYTES, LEAST_DECISIVE_BYTES
from autograder.sandbox.policy import Limits
from autograder.sandbox.timing import TimeLeft

ENVELOPE_BYTES = 48 << 10
"""What a reply takes beside a value: what the call printed, warned and raised, and the names of the fields."""
CELL_BYTES = 2 << 10
"""What a cell's reply takes beside the outputs: a note that some are missing, and the names of the fields."""
ROOM_BYTES = 16 << 10
"""What every answer may have, however small the right one is."""
WRITINGS = 16
"""How many times the size of the right answer every answer may have: lists take more than arrays."""
LARGE_BYTES = 16 << 20
"""For a large right answer: how much more than twice its size every answer may have."""


class Budget:
    """What is left for one submission, over all its cells, calls and processes.

    Parameters
    ----------
    limits
        What there is at the beginning.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.answers = limits.submission_reply_bytes
        """Bytes by which answers may still exceed the room that each has."""
        self.outputs = limits.submission_output_bytes
        """Bytes of outputs that are still kept; negative if errors and results took more."""
        self.time = TimeLeft(
            limits.submission_seconds,
            f"the cells that carry no marks took more than {limits.submission_seconds:g} s together.",
        )
        """What is left for the cells that are not for a graded function."""
        self.watch = Stopwatch(limits.judging_seconds)
        """Measures the processor time that it takes to read and judge what comes."""

    @property
    def extra(self) -> int:
        """Bytes by which the next answer may exceed the room that each has."""
        return min(self.limits.reply_bytes, self.answers)

    @property
    def of_cell(self) -> int:
        """Bytes of outputs that are kept of the next cell."""
        return min(self.limits.output_bytes, max(self.outputs, 0))

    @property
    def why_over(self) -> str | None:
        """A sentence if the time is over."""
        if not self.watch.is_over:
            return None
        return f"the grader took more than {self.watch.seconds:g} seconds to read and compare what came from it."


def room_for(sizes: Sequence[int]) -> int:
    """Return the size that every answer of a request may have, from the sizes of the right ones.

    It is a power of two, so that it tells the student's process little about the right answers.
    """
    largest = max(sizes, default=0)
    wanted = min(WRITINGS * largest, 2 * largest + LARGE_BYTES)
    return max(ROOM_BYTES, 1 << wanted.bit_length())


def reply_of_cell(outputs: int) -> int:
    """Return the size that a cell's reply may have, from that of the outputs that are kept.

    An error and a result may come on top of them; between two outputs there are some bytes of JSON.
    """
    decisive = min(DECISIVE_BYTES, max(LEAST_DECISIVE_BYTES, outputs))
    return outputs + outputs // 32 + 2 * decisive + CELL_BYTES
