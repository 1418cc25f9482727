"""What grading costs in time and memory, beside stock nbgrader and the bare floor. ``make bench`` runs it all.

The submissions come from ``tests/``: the behaviours of ``tests/submissions`` and the right answers of
``tests/correct``.
"""

import os
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
ENVIRONMENT = dict(os.environ)
"""What commands are given."""
# As for submissions in the sandbox: linear algebra in one thread. NumPy reads these when it is imported.
os.environ |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
