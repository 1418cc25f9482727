"""Make deliveries as the platforms do: zips with the platform's names, flags and dates."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime


def zipped(path, files):
    """Write a zip of names and contents, in order; a name may come twice."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items() if isinstance(files, dict) else files:
            entry = zipfile.ZipInfo(name, (2026, 3, 1, 9, 30, 0))  # when the platform made the zip
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return path


def canvas_name(sortable, user, file, shown, *, late=False):
    """Name a file as Canvas' content_zipper does: the sortable name in lower case, of word characters alone."""
    kept = "".join(letter for letter in sortable.lower() if letter.isalnum() or letter == "_")
    return "_".join([kept, *(["LATE"] if late else []), str(user), str(file), shown])


def moodle_name(full, number, shown, *, kind="file", folders=True):
    """Name a file as Moodle's downloader does."""
    prefix = f"{full.replace('_', ' ')}_{number}_assignsubmission_{kind}"
    return f"{prefix}/{shown}" if folders else f"{prefix}_{shown}"


def gradescope_metadata(submissions):
    """Write submission_metadata.yml as Ruby writes it: folder → ([(name, sid, email)], created_at)."""
    lines = ["---"]
    for folder, (people, created) in submissions.items():
        lines += [f"{folder}:", "  :submitters:"]
        for name, sid, email in people:
            lines += [f"  - :name: {name}", f"    :sid: {sid}", f"    :email: {email}"]
        lines += [f"  :created_at: {created}", "  :score: 0.0", "  :status: processed", "  :results:"]
        lines += ["    tests: []", "  :history:", "  - :id: 7", "    :created_at: 2026-01-01 00:00:00.000000000 Z"]
    return "\n".join(lines) + "\n"


def accepted(collected):
    """The notebooks of a delivery, of which nothing is refused."""
    assert not collected.refused
    return collected.notebooks


def rejected(collected):
    """What is refused of a delivery, of which nothing is accepted."""
    assert not collected.notebooks
    return collected.refused


def when(*numbers):
    """A time in UTC, as nbgrader's database keeps it."""
    return datetime(*numbers, tzinfo=UTC).replace(tzinfo=None)
