"""What to install where a command needs a package that the package alone doesn't bring."""

from __future__ import annotations

DISTRIBUTION = "logits-and-likelihoods"
EXTRAS = {
    "alembic": "nbgrader",
    "ipykernel": "precheck",
    "jupyter_client": "precheck",
    "nbclient": "precheck",
    "nbconvert": "nbgrader",
    "nbformat": "precheck",
    "nbgrader": "nbgrader",
    "scipy": "scipy",
    "sqlalchemy": "nbgrader",
}
"""The extra that brings a package."""
PURPOSES = {
    "nbgrader": "nbgrader, which keeps the gradebook and makes releases",
    "precheck": "Jupyter, which runs the notebook",
    "scipy": "SciPy",
}


def advice(missing: ModuleNotFoundError) -> str:
    """Say which extra brings a module that is not installed; empty if none does."""
    extra = EXTRAS.get((missing.name or "").partition(".")[0])
    if extra is None:
        return ""
    instead = " “autograder grade --no-gradebook” works without it." if extra == "nbgrader" else ""
    return f"This needs {PURPOSES[extra]}: python -m pip install '{DISTRIBUTION}[{extra}]'.{instead}"
