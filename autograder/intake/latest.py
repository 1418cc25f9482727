"""Choose the version of a notebook that counts, where a student handed in several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath

from autograder.intake.model import Refused, SubmittedNotebook, Superseded, Upload, naive_utc


def choose_in_upload(
    upload: Upload, assignment: str, notebook: str, candidates: list[str]
) -> Iterator[SubmittedNotebook | Refused]:
    """Choose one file of an upload for a notebook of the course.

    The latest file counts. Where no order is known, a file with the released name in its usual folder counts.

    Parameters
    ----------
    assignment, notebook
        The notebook of the course.
    candidates
        The names of the upload's files that could be this notebook; not empty.

    Yields
    ------
    SubmittedNotebook or Refused
        The file that counts and then the others as superseded, or every file that could count as refused.
    """
    usual = {f"{assignment}/{notebook}.ipynb": 2, f"{notebook}.ipynb": 1}

    def preference(name: str) -> tuple[int, int, int]:
        return upload.ranks.get(name, 0), usual.get(name, 0), int(PurePosixPath(name).stem == notebook)

    best = max(map(preference, candidates))
    chosen = [name for name in candidates if preference(name) == best]
    if len(chosen) > 1:
        why = f"is one of {len(chosen)} that could be “{notebook}”, and nothing tells which counts."
        yield from (Refused(upload.files[name].path, why, upload.files[name].label) for name in chosen)
        return
    yield SubmittedNotebook(upload.files[chosen[0]].path, upload.student, assignment, notebook, upload, chosen[0])
    for name in candidates:
        if name != chosen[0]:
            file = upload.files[name]
            later = best[0] > upload.ranks.get(name, 0)
            why = (
                "was uploaded again later; the later one is graded."
                if later
                else "is a copy; the one in its usual place is graded."
            )
            yield Superseded(file.path, why, file.label)


def keep_latest(entries: list[SubmittedNotebook | Refused]) -> list[SubmittedNotebook | Refused]:
    """Keep each student's latest upload for an assignment, and replace earlier notebooks by refusals.

    Where the latest upload is unknown, every notebook that is there more than once is refused. The order stays.
    """
    submissions: dict[tuple[str, str], list[SubmittedNotebook]] = {}
    for entry in entries:
        if isinstance(entry, SubmittedNotebook):
            submissions.setdefault((entry.student, entry.assignment), []).append(entry)
    refused: dict[int, Refused] = {}
    for notebooks in submissions.values():
        refused |= {id(notebook): refusal for notebook, refusal in _earlier(notebooks)}
    return [refused.get(id(entry), entry) for entry in entries]


def _earlier(notebooks: list[SubmittedNotebook]) -> Iterator[tuple[SubmittedNotebook, Refused]]:
    """Yield those of a student's notebooks for one assignment that don't count, and why."""
    uploads = {id(each.upload): each.upload for each in notebooks}
    if len(uploads) > 1:
        last = _last([upload for upload in uploads.values() if upload])
        if last and None not in uploads.values():
            why = "was handed in again later; the later one is graded."
            for each in notebooks:
                if each.upload is not last:
                    yield each, Superseded(each.path, why, each.label)
            return
    why = "was handed in more than once, and nothing tells which is the last; name only one of them."
    times = Counter(each.notebook for each in notebooks)
    for each in notebooks:
        if times[each.notebook] > 1:
            yield each, Refused(each.path, why, each.label)


def _last(uploads: list[Upload]) -> Upload | None:
    """Return the upload that came last: by time if all have one, else by the platform's numbers."""
    timed = all(upload.time for upload in uploads)
    when = [(naive_utc(u.time) if timed and u.time else datetime.min, u.order) for u in uploads]  # noqa: DTZ901
    known = timed or all(upload.order for upload in uploads)
    return uploads[when.index(max(when))] if known and when.count(max(when)) == 1 else None
