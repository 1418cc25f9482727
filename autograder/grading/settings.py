"""The settings of a run, which an instructor chooses (see ``options``)."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograder.notebooks.source import Source
from autograder.results import FOLLOW_THROUGH, Feedback, Isolation
from autograder.sandbox.policy import EVERYTHING, Limits


@dataclass(frozen=True)
class Settings:
    """How a run grades. The same settings hold for all its submissions."""

    secret: bytes
    """Decides the hidden inputs; known only to the course."""
    feedback: Feedback = "messages"
    """How much the messages say."""
    limits: Limits = field(default_factory=Limits)
    """What one submission may use."""
    allow: tuple[str, ...] = ()
    """Modules that submissions may import in addition to the default ones."""
    isolated: bool = True
    """False runs submissions without isolation (``--sandbox none``): an instructor's explicit choice."""
    way: Isolation | None = None
    """How they are isolated (``--isolation``); by default in the best way that the machine has."""
    figures: bool = False
    """Draw all figures and run the cells that only show something. By default only the figures that a person marks
    are drawn, as drawing takes most of the time."""

    follow_through: float = FOLLOW_THROUGH
    """The part of its marks that a check gives which is right but for one named slip."""
    explain: bool = field(default=False, repr=False)
    """Show an instructor every call, at the level ``full``. No mark depends on it, and no digest."""

    def allowed_for(self, source: Source) -> tuple[str, ...]:
        """Return what submissions of a notebook may import: everything, if it has no sealed cells."""
        return self.allow if any(cell.sealed for cell in source.cells) else (EVERYTHING,)

    def shows_figures(self, source: Source) -> bool:
        """Whether any cell of a notebook has its figures drawn."""
        return self.figures or any(cell.by_hand and cell.cell_type == "code" for cell in source.cells)
