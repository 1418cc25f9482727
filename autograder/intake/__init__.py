"""What is delivered becomes submissions: which notebook of which student each file is, and what may be opened.

A delivery is a folder, a zip or single files. ``find_notebooks`` in ``collect`` is the way in. ``platforms`` and
``gradescope_export`` read a student and a time from the names that a platform gives its files, ``roster`` replaces
a platform's ids by the course's, ``identify`` finds the notebook of the course, and ``latest`` chooses between
several. ``files``, ``links`` and ``archive`` read from disk and refuse what is unsafe. ``model`` holds what they
hand on.
"""

from autograder.intake.collect import find_notebooks
from autograder.intake.files import RefusedError, is_utf8, read_attachments, read_file, walk
from autograder.intake.identify import Expected, identify_notebook
from autograder.intake.links import everything_below, refuse_linked_folders, refuse_links
from autograder.intake.model import (
    Collected,
    Person,
    Refused,
    SubmittedNotebook,
    Superseded,
    Upload,
    naive_utc,
)
from autograder.intake.roster import RosterError, read_roster

__all__ = [
    "Collected",
    "Expected",
    "Person",
    "Refused",
    "RefusedError",
    "RosterError",
    "SubmittedNotebook",
    "Superseded",
    "Upload",
    "everything_below",
    "find_notebooks",
    "identify_notebook",
    "is_utf8",
    "naive_utc",
    "read_attachments",
    "read_file",
    "read_roster",
    "refuse_linked_folders",
    "refuse_links",
    "walk",
]
