"""Files, folders and zips become submissions; what must not be opened is refused by name.

``files`` opens plain files, ``archive`` lists a zip; ``platforms`` and ``gradescope`` read off the names whose a
file is and when it came; ``place`` tells which notebook of the course it is; ``gather`` goes through the paths.
"""

from autograder.intake.files import (
    RefusedError,
    files_beside,
    is_utf8,
    read_file,
    refuse_linked_folders,
    walk,
)
from autograder.intake.found import Found, Person, Refused, Superseded, Upload, naive_utc
from autograder.intake.gather import find_notebooks
from autograder.intake.place import Wanted, improper, place
from autograder.intake.roster import RosterError, read_roster

__all__ = [
    "Found",
    "Person",
    "Refused",
    "RefusedError",
    "RosterError",
    "Superseded",
    "Upload",
    "Wanted",
    "files_beside",
    "find_notebooks",
    "improper",
    "is_utf8",
    "naive_utc",
    "place",
    "read_file",
    "read_roster",
    "refuse_linked_folders",
    "walk",
]
