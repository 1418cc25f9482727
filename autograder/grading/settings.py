"""What an instructor decides about a run."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograder.notebooks.source import Source
from autograder.results import Feedback
from autograder.sandbox.policy import EVERYTHING, Limits


@dataclass(frozen=True)
class Settings:
    """How a run grades; the same for all its submissions."""

    secret: bytes
    """From which the hidden inputs are derived; known to the course alone."""
    feedback: Feedback = "messages"
    limits: Limits = field(default_factory=Limits)
    allow: tuple[str, ...] = ()
    """Modules that submissions may import besides the default ones."""
    isolated: bool = True
    """False runs submissions without isolation (``--sandbox none``): an instructor's explicit choice."""
    figures: bool = False
    """Draw every figure; else only those in cells that a person marks, because drawing takes most of the time."""

    def allowed_for(self, source: Source) -> tuple[str, ...]:
        """Return what submissions of a notebook may import; one without sealed cells has nothing to hide."""
        return self.allow if any(cell.sealed for cell in source.cells) else (EVERYTHING,)

    def shows_figures(self, source: Source) -> bool:
        """Whether any figure of a notebook is drawn."""
        return self.figures or any(cell.by_hand and cell.cell_type == "code" for cell in source.cells)
