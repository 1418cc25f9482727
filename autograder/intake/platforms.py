"""Read student, assignment and time from the file names that each platform writes.

A platform puts its own part in front of the name that a student chose. Names are therefore read from the left, so
that no student can give a file a name that makes it another student's.

Sources: Canvas, ``lib/content_zipper.rb`` of instructure/canvas-lms ("Download Submissions"); Moodle,
``mod/assign/classes/downloader.php`` of moodle/moodle ("Download all submissions"); nbgrader,
``exchange/default/submit.py`` and ``collect.py``, and the user guide on ``zip_collect``; its example has names as
Blackboard writes them. Gradescope's export is described in :mod:`autograder.intake.gradescope_export`.

Neither Canvas nor Moodle writes times of submission into a zip: an entry's date is that of the download.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from autograder.intake.files import RefusedError
from autograder.intake.model import DeliveredFile, Person, Refused, Upload


@dataclass(frozen=True)
class ParsedName:
    """What the name that a platform gave a file says."""

    student: str
    file: str
    """The name that the student chose."""
    rank: int = 0
    """The larger of two files of one upload came later; 0 if the order is unknown."""
    person: Person | None = None
    assignment: str | None = None
    time: datetime | None = None
    late: bool | None = None
    attempt: str = ""
    """Distinguishes two uploads of one student."""


Delivery = tuple[list[Upload], list[Refused]]
Platform = Callable[[list[DeliveredFile]], Delivery | None]
"""Reads the files as one platform's delivery; returns None if they are not."""


def uploads(parsed: Iterable[tuple[ParsedName, DeliveredFile]]) -> list[Upload]:
    """Group files into uploads.

    Of two files that a student gave the same name, the later one keeps it; the other is moved below ``earlier/``.
    """
    groups: dict[tuple[str, str | None, str], dict[str, tuple[ParsedName, DeliveredFile]]] = {}
    for name, file in parsed:
        files = groups.setdefault((name.student, name.assignment, name.attempt), {})
        former = files.setdefault(name.file, (name, file))
        if former[1] is not file:
            later, earlier = ((name, file), former) if name.rank > former[0].rank else (former, (name, file))
            files |= {name.file: later, f"earlier/{earlier[0].rank}/{name.file}": earlier}
    return [
        Upload(
            student,
            {chosen: file for chosen, (_, file) in files.items()},
            assignment,
            next(name.person for name, _ in files.values()),
            max((name.time for name, _ in files.values() if name.time), default=None),
            max((name.late for name, _ in files.values() if name.late is not None), default=None),
            max(name.rank for name, _ in files.values()),
            {chosen: name.rank for chosen, (name, _) in files.items()},
        )
        for (student, assignment, _), files in groups.items()
    ]


def _delivery(
    files: list[DeliveredFile], parse: Callable[[DeliveredFile], ParsedName | None], platform: str, *, flat: bool
) -> Delivery | None:
    """Read all names as a platform's; None if most of them are not.

    Parameters
    ----------
    flat
        Whether the platform puts all files side by side, without folders.
    """
    parsed = [(name, file) for file in files if (name := parse(file))]
    recognised = {file.name for _, file in parsed}
    others = [file for file in files if file.name not in recognised]
    against = [file for file in others if not (flat and "/" in file.name) and not file.problem]
    if not parsed or len(against) > len(parsed):
        return None
    refused = [
        Refused(
            file.path,
            file.problem or f"is not named as {platform} names files, so its student is unknown.",
            file.label,
        )
        for file in others
        if file.problem or file.name.endswith(".ipynb")
    ]
    return uploads(parsed), refused


# --- Canvas ----------------------------------------------------------------------------------------------

CANVAS = re.compile(r"(?P<name>\w*?)(?P<late>_LATE)?_(?P<user>[0-9]+)_(?P<file>[0-9]+)_(?P<rest>[^/]+)")
CANVAS_TEXT = re.compile(r"(?P<name>\w*?)(?P<late>_LATE)?_(?P<user>[0-9]+)_(?P<rest>(?:text|link)\.html)")
CANVAS_ANONYMOUS = re.compile(r"(?P<late>LATE_)?(?P<user>anon_[A-Za-z0-9]+)_(?:(?P<file>[0-9]+)_)?(?P<rest>[^/]+)")


def canvas(files: list[DeliveredFile]) -> Delivery | None:
    """Read Canvas' names: ``lovelaceada[_LATE]_<user id>_<file id>_softmax-1.ipynb``.

    The student's name is the sortable one, in lower case and without blanks. Where grading is anonymous, names are
    ``LATE_anon_x1y2z_<file id>_…``. A zip holds only each student's last attempt. File ids grow, so that the later
    of two files is known. Canvas adds ``-1`` to a file that was uploaded again under the same name.
    """
    matches = {file.name: _canvas_match(file.name) for file in files}
    ambiguous = _with_several_names([match for match in matches.values() if match])

    def parse(file: DeliveredFile) -> ParsedName | None:
        match = matches[file.name]
        if match is None or (match["user"] in ambiguous and _may_be_part_of_a_name(match)):
            return None
        rank = int(match["file"]) if match.groupdict().get("file") else 0
        return ParsedName(
            match["user"], match["rest"], rank, Person((match["user"],)), late=match["late"] is not None
        )

    return _delivery(files, parse, "Canvas", flat=True)


def _canvas_match(name: str) -> re.Match[str] | None:
    return CANVAS_ANONYMOUS.fullmatch(name) or CANVAS.fullmatch(name) or CANVAS_TEXT.fullmatch(name)


def _may_be_part_of_a_name(match: re.Match[str]) -> bool:
    """Whether the first number may be the end of a student's name, so that the user id is the next one."""
    return re.match(r"[0-9]+_", match["rest"]) is not None


def _with_several_names(matches: list[re.Match[str]]) -> set[str]:
    """Return the user ids that follow more than one student's name."""
    named: dict[str, set[str]] = {}
    for match in matches:
        named.setdefault(match["user"], set()).add(match.groupdict().get("name", ""))
    return {user for user, names in named.items() if len(names) > 1}


# --- Moodle ----------------------------------------------------------------------------------------------

MOODLE = re.compile(
    r"(?P<name>[^/_]*)_(?P<id>[0-9]+)_assignsubmission_(?P<kind>[a-z]+)(?:_?/|_)(?P<rest>.+)", re.DOTALL
)


def moodle(files: list[DeliveredFile]) -> Delivery | None:
    """Read Moodle's names: ``Ada Lovelace_<participant>_assignsubmission_file/softmax.ipynb``.

    Older versions end the folder's name with ``_``; without folders the file's name follows it. The number is that
    of ``Participant <number>`` in the grading worksheet of the same assignment. With blind marking the name is the
    word Participant, in the site's language.
    """

    def parse(file: DeliveredFile) -> ParsedName | None:
        match = MOODLE.fullmatch(file.name)
        if match is None:
            return None
        first, _, last = match["name"].strip().rpartition(" ")
        person = Person((match["id"],), first or None, last if first else None)
        chosen = match["rest"] if match["kind"] == "file" else f"{match['kind']}/{match['rest']}"
        return ParsedName(match["id"], chosen, person=person)

    return _delivery(files, parse, "Moodle", flat=False)


# --- nbgrader --------------------------------------------------------------------------------------------

DATE = re.compile(r"\d{4}-\d\d-\d\d")
SUBMITTED = re.compile(r"submitted/(?P<student>[^/]+)/(?P<assignment>[^/]+)/(?P<rest>.+)", re.DOTALL)
ATTEMPT = re.compile(
    r"(?P<assignment>[^/][^/_]*)_(?P<student_id>[^/]+?)_attempt_(?P<timestamp>\d{4}(?:-\d\d){5})_(?P<file_id>[^/]+)"
)


def exchange(files: list[DeliveredFile]) -> Delivery | None:
    """Read the exchange's inbound folder: ``ada+softmax+2026-01-30 15:30:10.000000 UTC+<random>/softmax.ipynb``.

    As in nbgrader, the folder's name says who and when; the ``timestamp.txt`` inside is not read.
    """

    def parse(file: DeliveredFile) -> ParsedName | None:
        folder, _, chosen = file.name.removeprefix("inbound/").partition("/")
        for parts in (folder.rsplit("+", 2), folder.rsplit("+", 3)[:3]):  # without and with the random part
            if chosen and len(parts) == 3 and all(parts) and DATE.match(parts[2]):
                student, assignment, time = parts
                return ParsedName(student, chosen, assignment=assignment, time=parse_time(time), attempt=folder)
        return None

    return _delivery(files, parse, "nbgrader's exchange", flat=False)


def submitted(files: list[DeliveredFile]) -> Delivery | None:
    """Read what ``nbgrader collect`` writes: ``submitted/ada/softmax/softmax.ipynb`` and its ``timestamp.txt``.

    Other folders of the course may be delivered with it; they are ignored.
    """
    times = {file.name: file for file in files if file.name.endswith("/timestamp.txt")}

    def parse(file: DeliveredFile) -> ParsedName | None:
        match = SUBMITTED.fullmatch(file.name)
        if match is None or match["student"].startswith("."):
            return None
        stamp = times.get(file.name.removesuffix(match["rest"]) + "timestamp.txt")
        return ParsedName(
            match["student"],
            match["rest"],
            assignment=match["assignment"],
            time=_time_in(stamp) if stamp else None,
        )

    parsed = [(name, file) for file in files if (name := parse(file))]
    if not parsed:
        return None
    return uploads(parsed), [Refused(f.path, f.problem, f.label) for f in files if f.problem and not parse(f)]


def _time_in(file: DeliveredFile) -> datetime | None:
    try:
        return parse_time(file.read(1000).decode().strip())
    except (RefusedError, UnicodeDecodeError):
        return None


def attempts(files: list[DeliveredFile]) -> Delivery | None:
    """Read Blackboard's names: ``softmax_ada_attempt_2026-01-30-15-30-10_softmax.ipynb``."""
    return _collected(files, lambda file: ATTEMPT.fullmatch(file.name), "Blackboard")


def collected_by(expression: str) -> Platform:
    """Return a platform that reads names by a course's own ``FileNameCollectorPlugin.named_regexp``.

    Raises
    ------
    re.error
        If it is no regular expression.
    """
    pattern = re.compile(expression)

    def platform(files: list[DeliveredFile]) -> Delivery | None:
        return _collected(
            files, lambda file: pattern.match(str(file.path)), "FileNameCollectorPlugin.named_regexp"
        )

    return platform


def _collected(
    files: list[DeliveredFile], match_of: Callable[[DeliveredFile], re.Match[str] | None], platform: str
) -> Delivery | None:
    """Read names by the groups that ``nbgrader zip_collect`` defines, such as ``student_id`` and ``file_id``."""

    def parse(file: DeliveredFile) -> ParsedName | None:
        match = match_of(file)
        groups = match.groupdict() if match else {}
        student, chosen, time = groups.get("student_id"), groups.get("file_id"), groups.get("timestamp")
        if not student or not chosen:
            return None
        suffix = "." + file.name.rpartition(".")[2]
        chosen = chosen if chosen.endswith(suffix) else chosen + suffix  # nbgrader adds the suffix in the same way
        details = (groups.get("first_name"), groups.get("last_name"), groups.get("email"))
        person = Person((student,), *details) if any(details) else None
        return ParsedName(
            student, chosen, person=person, time=parse_time(time) if time else None, attempt=time or ""
        )

    return _delivery(files, parse, platform, flat=False)


def parse_time(text: str) -> datetime | None:
    """Parse a time as nbgrader does; None if it can't be parsed."""
    from dateutil import parser, tz  # noqa: PLC0415

    try:
        if re.fullmatch(r"\d{4}(-\d\d){5}", text):
            return datetime.strptime(text, "%Y-%m-%d-%H-%M-%S")  # noqa: DTZ007  # in UTC, as in nbgrader
        stamp, _, zone = text.rpartition(" ")
        named = {"TZ": int(zone) if zone.lstrip("+-").isdigit() else tz.gettz(zone)}
        time = parser.parse(f"{stamp} TZ", tzinfos=named) if stamp.count(" ") == 1 else parser.parse(text)
    except (ValueError, OverflowError):
        return None
    return time if isinstance(time, datetime) else None
