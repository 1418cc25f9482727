"""Read Gradescope's "Export Submissions".

The export has a folder for each submission, ``assignment_<id>_export/submission_<id>/…``, and one file
``submission_metadata.yml``. The file maps each folder to ``:submitters`` (``:name``, ``:sid``, ``:email``),
``:created_at`` and ``:history``. Only the active submission is exported; the history lists earlier ones. Ruby
writes the file, with its symbols as keys.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from autograder.intake.files import MAX_FILE, RefusedError
from autograder.intake.model import DeliveredFile, Person, Refused
from autograder.intake.platforms import Delivery, ParsedName, parse_time, uploads

MAX_DEPTH = 50
METADATA = re.compile(r"(?P<root>(?:assignment_[0-9]+_export/)?)submission_metadata\.yml")


def gradescope(files: list[DeliveredFile]) -> Delivery | None:
    """Read an export by its metadata; a group's submission counts for each of its members."""
    found = next(((file, match) for file in files if (match := METADATA.fullmatch(file.name))), None)
    if found is None:
        return None
    listing, match = found
    try:
        metadata = _load(listing.read(MAX_FILE))
    except RefusedError:
        return [], [Refused(listing.path, listing.problem or "can't be opened.", listing.label)]
    except ValueError as error:
        return [], [Refused(listing.path, f"is not the metadata of a Gradescope export: {error}.", listing.label)]
    parsed: list[tuple[ParsedName, DeliveredFile]] = []
    refused: list[Refused] = []
    for file in files:
        inside = file.name.startswith(match["root"])
        folder, _, name = file.name.removeprefix(match["root"]).partition("/")
        entry = metadata.get(folder) if inside and name else None
        people = _people(entry)
        parsed += [
            (ParsedName(person.ids[0], name, person=person, time=_time(entry), attempt=folder), file)
            for person in people
        ]
        if not people and (file.problem or name.endswith(".ipynb")):
            problem = file.problem or "belongs to no submission in submission_metadata.yml."
            refused.append(Refused(file.path, problem, file.label))
    return uploads(parsed), refused


def _load(content: bytes) -> dict[str, Any]:
    """Parse the metadata as lists and mappings of texts; Ruby's type tags are ignored.

    The depth is bounded first: the library's parser calls itself for each level, and would end this process.

    Raises
    ------
    ValueError
        If it is no YAML, no mapping, or nested too deeply.
    """
    import yaml  # noqa: PLC0415

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    depth = 0
    try:
        for event in yaml.parse(content, loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise ValueError(f"it is nested more than {MAX_DEPTH} deep")  # noqa: TRY301  # handled as the others
            if not (getattr(event, "tag", None) or "!").startswith("!"):
                raise ValueError(f"Ruby writes no tag {event.tag}")  # noqa: TRY301
        data = yaml.load(content, loader)  # noqa: S506  # it makes nothing but texts, lists and mappings
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        raise ValueError(" ".join(str(error).split())[:200] or type(error).__name__) from None
    if not isinstance(data, dict):
        raise ValueError("it maps no folders")  # noqa: TRY004  # the file is wrong, not the caller
    return data


def _people(entry: Any) -> list[Person]:
    submitters = entry.get(":submitters") if isinstance(entry, dict) else None
    people = (
        [_person(each) for each in submitters if isinstance(each, dict)] if isinstance(submitters, list) else []
    )
    return [person for person in people if person.ids]


def _person(submitter: dict[Any, Any]) -> Person:
    sid, email, name = (_text(submitter.get(key)) for key in (":sid", ":email", ":name"))
    first, _, last = name.rpartition(" ")
    ids = tuple(dict.fromkeys(ident for ident in (sid, email) if ident))
    return Person(ids, first or None, last or None, email or None)


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _time(entry: Any) -> datetime | None:
    created = entry.get(":created_at") if isinstance(entry, dict) else None
    if isinstance(created, dict):  # a time of Ruby on Rails
        created = created.get("utc")
    stamp, _, zone = _text(created).rpartition(" ")
    try:
        return datetime.fromisoformat(f"{stamp}{zone}")  # Ruby writes a blank before the zone
    except ValueError:
        return parse_time(_text(created))
