"""Gradescope's "Export Submissions": a folder a submission, and one file that says whose they are.

``assignment_<id>_export/`` holds ``submission_<id>/…`` and ``submission_metadata.yml``, which maps each folder to
``:submitters`` (``:name``, ``:sid``, ``:email``), ``:created_at`` and, of earlier ones, ``:history``; only the
active submission is exported. It is written by Ruby, with its symbols for keys.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from autograder.intake.files import MAX_FILE, RefusedError
from autograder.intake.platforms import Delivery, Told, parse_time, uploads
from autograder.intake.submitted import Member, Person, Refused

METADATA = re.compile(r"(?P<root>(?:assignment_[0-9]+_export/)?)submission_metadata\.yml")


def gradescope(members: list[Member]) -> Delivery | None:
    """Read an export by its metadata; a submission of a group is everybody's in it."""
    found = next(((m, match) for m in members if (match := METADATA.fullmatch(m.name))), None)
    if found is None:
        return None
    file, match = found
    try:
        metadata = _load(file.read(MAX_FILE))
    except RefusedError:
        return [], [Refused(file.path, f"{file.problem or 'can not be opened.'}", file.label)]
    except ValueError as error:
        return [], [Refused(file.path, f"is not the metadata of a Gradescope export: {error}.", file.label)]
    told: list[tuple[Told, Member]] = []
    refused: list[Refused] = []
    for member in members:
        inside = member.name.startswith(match["root"])
        folder, _, name = member.name.removeprefix(match["root"]).partition("/")
        entry = metadata.get(folder) if inside and name else None
        people = _people(entry)
        told += [
            (Told(person.ids[0], name, person=person, time=_time(entry), attempt=folder), member)
            for person in people
        ]
        if not people and (member.problem or name.endswith(".ipynb")):
            why = member.problem or "belongs to no submission in submission_metadata.yml."
            refused.append(Refused(member.path, why, member.label))
    return uploads(told), refused


def _load(content: bytes) -> dict[str, Any]:
    """Read the metadata: plain data alone, whatever Ruby says that it is.

    Raises
    ------
    ValueError
        If it is no YAML, or no mapping.
    """
    import yaml  # noqa: PLC0415

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # chosen where it runs
        pass

    def plain(loader: Any, _tag: str, node: Any) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node)

    Loader.add_multi_constructor("!ruby/", plain)
    try:
        data = yaml.load(content, Loader)  # noqa: S506  # a safe loader
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        raise ValueError(" ".join(str(error).split())[:200] or type(error).__name__) from None
    if not isinstance(data, dict):
        raise ValueError("it maps no folders")  # noqa: TRY004  # a fault of the file, not of a caller
    return {str(folder): entry for folder, entry in data.items()}


def _people(entry: Any) -> list[Person]:
    submitters = entry.get(":submitters") if isinstance(entry, dict) else None
    people = [_person(one) for one in submitters if isinstance(one, dict)] if isinstance(submitters, list) else []
    return [person for person in people if person.ids]


def _person(one: dict[Any, Any]) -> Person:
    sid, email, name = (str(one.get(key) or "").strip() for key in (":sid", ":email", ":name"))
    first, _, last = name.rpartition(" ")
    ids = tuple(dict.fromkeys(ident for ident in (sid, email) if ident))
    return Person(ids, first or None, last or None, email or None)


def _time(entry: Any) -> datetime | None:
    created = entry.get(":created_at") if isinstance(entry, dict) else None
    if isinstance(created, dict):  # Rails' own kind of time
        created = created.get("utc")
    if isinstance(created, datetime):
        return created
    if isinstance(created, date):
        return datetime(created.year, created.month, created.day)  # noqa: DTZ001
    return parse_time(created) if isinstance(created, str) else None
