"""Files, folders and zips become submissions; what must not be opened is refused by name.

``files`` opens plain files, ``archive`` lists a zip; ``platforms`` and ``gradescope`` read off the names whose a
file is and when it came; ``identify`` says which notebook of the course it is; ``collect`` goes through the paths.
"""

from autograder.intake.collect import find_notebooks
from autograder.intake.files import (
    RefusedError,
    is_utf8,
    read_attachments,
    read_file,
    refuse_linked_folders,
    walk,
)
from autograder.intake.identify import Wanted, identify_notebook, improper
from autograder.intake.roster import RosterError, read_roster
from autograder.intake.submitted import Person, Refused, SubmittedNotebook, Superseded, Upload, naive_utc

__all__ = [
    "Person",
    "Refused",
    "RefusedError",
    "RosterError",
    "SubmittedNotebook",
    "Superseded",
    "Upload",
    "Wanted",
    "find_notebooks",
    "identify_notebook",
    "improper",
    "is_utf8",
    "naive_utc",
    "read_attachments",
    "read_file",
    "read_roster",
    "refuse_linked_folders",
    "walk",
]
