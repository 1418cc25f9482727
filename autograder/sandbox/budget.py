"""What one submission may cost the grader in all, counted down over its cells, calls and processes."""

from __future__ import annotations

from autograder.judging.stopwatch import Stopwatch
from autograder.sandbox.policy import Limits


class Budget:
    """What is left for one submission.

    Parameters
    ----------
    limits
        What there is at the beginning.
    """

    def __init__(self, limits: Limits) -> None:
        self.answers = limits.submission_reply_bytes
        """Bytes by which answers may still exceed what the right ones take."""
        self.outputs = limits.submission_output_bytes
        """Bytes of outputs that are still kept."""
        self.watch = Stopwatch(limits.judging_seconds)
        """Measures the processor time that the trusted side takes to read and judge what comes."""

    @property
    def why_over(self) -> str | None:
        """A sentence if the time is over."""
        if not self.watch.is_over:
            return None
        return f"the grader took more than {self.watch.seconds:g} seconds to read and compare what came from it."
