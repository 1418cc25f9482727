"""What grading costs in time and memory, beside stock nbgrader and the bare floor. ``make bench`` runs it all.

The submissions come from ``tests/``: the behaviours of ``tests/submissions`` and the right answers of
``tests/correct``.
"""

from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
