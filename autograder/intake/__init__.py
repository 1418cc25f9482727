"""Find the submitted notebooks in files, folders and zips, and refuse what is unsafe to open.

``collect`` is the entry point. ``platforms`` and ``gradescope_export`` read students and times from the names
that a platform gives its files. ``roster`` maps a platform's ids to the course's students. ``identify`` finds
the notebook of the course that a file is, and ``latest`` chooses between several. ``own_folder`` reads the
course's own ``submitted/``. ``files``, ``links`` and ``archive`` read from disk. ``model`` defines what these
modules hand on.
"""

from autograder.intake.collect import find_notebooks
from autograder.intake.files import RefusedError, is_utf8, read_attachments, read_file, walk
from autograder.intake.identify import Expected, identify_notebook, problem_of_student_id
from autograder.intake.links import everything_below, refuse_linked_folders, refuse_links
from autograder.intake.model import (
    Collected,
    Person,
    Refused,
    SubmittedNotebook,
    Superseded,
    Upload,
    naive_utc,
    printable,
)
from autograder.intake.own_folder import misplaced, read_assignment_folder
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
    "misplaced",
    "naive_utc",
    "printable",
    "problem_of_student_id",
    "read_assignment_folder",
    "read_attachments",
    "read_file",
    "read_roster",
    "refuse_linked_folders",
    "refuse_links",
    "walk",
]
