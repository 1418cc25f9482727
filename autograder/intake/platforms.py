"""Whose file it is, when it came, and what for: what each platform's own names say.

A platform puts its part of a name in front of what the student chose, so that names are read from the left and
nothing that a student calls a file can make it somebody else's.

Sources: Canvas, ``lib/content_zipper.rb`` of instructure/canvas-lms ("Download Submissions"); Moodle,
``mod/assign/classes/downloader.php`` of moodle/moodle ("Download all submissions"); nbgrader,
``exchange/default/submit.py`` and ``collect.py``, and the user guide on ``zip_collect``, whose example is named as
Blackboard names files. Gradescope's export is described in :mod:`autograder.intake.gradescope_export`.

Neither Canvas nor Moodle writes times of submission into a zip: an entry's date is when the zip was made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from autograder.intake.files import RefusedError
from autograder.intake.submitted import Member, Person, Refused, Upload


@dataclass(frozen=True)
class Told:
    """What a platform's name for a file says."""

    student: str
    file: str
    """The name that the student gave."""
    rank: int = 0
    """Of two files of one upload the greater came later."""
    person: Person | None = None
    assignment: str | None = None
    time: datetime | None = None
    late: bool | None = None
    attempt: str = ""
    """Sets one upload of a student apart from another."""


Delivery = tuple[list[Upload], list[Refused]]
Platform = Callable[[list[Member]], Delivery | None]


def uploads(told: Iterable[tuple[Told, Member]]) -> list[Upload]:
    """Put together what belongs to one upload; of two files of one name the later keeps it."""
    groups: dict[tuple[str, str | None, str], dict[str, tuple[Told, Member]]] = {}
    for word, member in told:
        files = groups.setdefault((word.student, word.assignment, word.attempt), {})
        former = files.setdefault(word.file, (word, member))
        if former[1] is not member:
            later, earlier = ((word, member), former) if word.rank > former[0].rank else (former, (word, member))
            files |= {word.file: later, f"earlier/{earlier[0].rank}/{word.file}": earlier}
    return [
        Upload(
            student,
            {name: member for name, (_, member) in files.items()},
            assignment,
            next(word.person for word, _ in files.values()),
            max((word.time for word, _ in files.values() if word.time), default=None),
            max((word.late for word, _ in files.values() if word.late is not None), default=None),
            max(word.rank for word, _ in files.values()),
            {name: word.rank for name, (word, _) in files.items()},
        )
        for (student, assignment, _), files in groups.items()
    ]


def _delivery(
    members: list[Member], tell: Callable[[Member], Told | None], platform: str, *, top: bool
) -> Delivery | None:
    """Read all names as a platform's, unless most of them are something else.

    Parameters
    ----------
    top
        Whether the platform puts all files side by side, without folders.
    """
    told = [(word, member) for member in members if (word := tell(member))]
    known = {member.name for _, member in told}
    others = [member for member in members if member.name not in known]
    rivals = [member for member in others if not (top and "/" in member.name) and not member.problem]
    if not told or len(rivals) > len(told):
        return None
    strangers = [
        Refused(
            m.path,
            m.problem or f"is not named as {platform} names files, so that nobody can be told from it.",
            m.label,
        )
        for m in others
        if m.problem or m.name.endswith(".ipynb")
    ]
    return uploads(told), strangers


# --- Canvas ----------------------------------------------------------------------------------------------

CANVAS = re.compile(r"(?P<name>\w*?)(?P<late>_LATE)?_(?P<user>[0-9]+)_(?P<file>[0-9]+)_(?P<rest>[^/]+)")
CANVAS_TEXT = re.compile(r"(?P<name>\w*?)(?P<late>_LATE)?_(?P<user>[0-9]+)_(?P<rest>(?:text|link)\.html)")
CANVAS_ANONYMOUS = re.compile(r"(?P<late>LATE_)?(?P<user>anon_[A-Za-z0-9]+)_(?:(?P<file>[0-9]+)_)?(?P<rest>[^/]+)")


def canvas(members: list[Member]) -> Delivery | None:
    """Read Canvas' names: ``lovelaceada[_LATE]_<user id>_<file id>_softmax-1.ipynb``.

    The name is the sortable one, in lower case and without blanks; ``LATE_anon_x1y2z_<file id>_…`` where grading
    is anonymous. A student's zip holds the last attempt alone; file ids grow, so that among its files the later
    one is known. ``-1`` is Canvas' mark for a file that was uploaded under the same name again.
    """
    matches = {member.name: _canvas_match(member.name) for member in members}
    doubtful = _claimed_twice([match for match in matches.values() if match])

    def tell(member: Member) -> Told | None:
        match = matches[member.name]
        if match is None or (match["user"] in doubtful and _could_be_other(match)):
            return None
        rank = int(match["file"]) if match.groupdict().get("file") else 0
        return Told(match["user"], match["rest"], rank, Person((match["user"],)), late=match["late"] is not None)

    return _delivery(members, tell, "Canvas", top=True)


def _canvas_match(name: str) -> re.Match[str] | None:
    return CANVAS_ANONYMOUS.fullmatch(name) or CANVAS.fullmatch(name) or CANVAS_TEXT.fullmatch(name)


def _could_be_other(match: re.Match[str]) -> bool:
    """Whether the ids may begin one number later: after a name that ends with a number."""
    return re.match(r"[0-9]+_", match["rest"]) is not None


def _claimed_twice(matches: list[re.Match[str]]) -> set[str]:
    """Return the user ids that stand behind more than one name."""
    named: dict[str, set[str]] = {}
    for match in matches:
        named.setdefault(match["user"], set()).add(match.groupdict().get("name", ""))
    return {user for user, who in named.items() if len(who) > 1}


# --- Moodle ----------------------------------------------------------------------------------------------

MOODLE = re.compile(
    r"(?P<name>[^/_]*)_(?P<id>[0-9]+)_assignsubmission_(?P<kind>[a-z]+)(?:_?/|_)(?P<rest>.+)", re.DOTALL
)


def moodle(members: list[Member]) -> Delivery | None:
    """Read Moodle's names: ``Ada Lovelace_<participant>_assignsubmission_file/softmax.ipynb``.

    Older versions end the folder with ``_``; without folders the file's name follows it. The number is that of
    ``Participant <number>`` in the grading worksheet of the same assignment. With blind marking the name is the
    word Participant, in whatever language.
    """

    def tell(member: Member) -> Told | None:
        match = MOODLE.fullmatch(member.name)
        if match is None:
            return None
        first, _, last = match["name"].strip().rpartition(" ")
        person = Person((match["id"],), first or None, last if first else None)
        file = match["rest"] if match["kind"] == "file" else f"{match['kind']}/{match['rest']}"
        return Told(match["id"], file, person=person)

    return _delivery(members, tell, "Moodle", top=False)


# --- nbgrader --------------------------------------------------------------------------------------------

DATE = re.compile(r"\d{4}-\d\d-\d\d")
SUBMITTED = re.compile(r"submitted/(?P<student>[^/]+)/(?P<assignment>[^/]+)/(?P<rest>.+)", re.DOTALL)
ATTEMPT = re.compile(
    r"(?P<assignment>[^/]+?)_(?P<student_id>[^/]+?)_attempt_(?P<timestamp>\d{4}(?:-\d\d){5})_(?P<file_id>[^/]+)"
)


def exchange(members: list[Member]) -> Delivery | None:
    """Read the exchange's inbound folder: ``ada+softmax+2026-01-30 15:30:10.000000 UTC+<random>/softmax.ipynb``.

    nbgrader reads name and time off the folder, and so do we; the ``timestamp.txt`` inside plays no part.
    """

    def tell(member: Member) -> Told | None:
        folder, _, file = member.name.removeprefix("inbound/").partition("/")
        for words in (folder.rsplit("+", 2), folder.rsplit("+", 3)[:3]):  # without and with the random part
            if file and len(words) == 3 and all(words) and DATE.match(words[2]):
                student, assignment, time = words
                return Told(student, file, assignment=assignment, time=parse_time(time), attempt=folder)
        return None

    return _delivery(members, tell, "nbgrader's exchange", top=False)


def submitted(members: list[Member]) -> Delivery | None:
    """Read what ``nbgrader collect`` makes: ``submitted/ada/softmax/softmax.ipynb``, timestamp.txt beside it.

    Whatever else of a course was delivered with it is none of a student's.
    """
    times = {member.name: member for member in members if member.name.endswith("/timestamp.txt")}

    def tell(member: Member) -> Told | None:
        match = SUBMITTED.fullmatch(member.name)
        if match is None or match["student"].startswith("."):
            return None
        stamp = times.get(member.name.removesuffix(match["rest"]) + "timestamp.txt")
        return Told(
            match["student"],
            match["rest"],
            assignment=match["assignment"],
            time=_time_in(stamp) if stamp else None,
        )

    told = [(word, member) for member in members if (word := tell(member))]
    return (
        (uploads(told), [Refused(m.path, m.problem, m.label) for m in members if m.problem and not tell(m)])
        if told
        else None
    )


def _time_in(member: Member) -> datetime | None:
    try:
        return parse_time(member.read(1000).decode().strip())
    except (RefusedError, UnicodeDecodeError):
        return None


def attempts(members: list[Member]) -> Delivery | None:
    """Read ``softmax_ada_attempt_2026-01-30-15-30-10_softmax.ipynb``, the example of ``nbgrader zip_collect``."""
    return _collected(members, lambda member: ATTEMPT.fullmatch(member.name), "Blackboard")


def collected_by(expression: str) -> Platform:
    """Read names as a course tells ``nbgrader zip_collect`` to, by ``FileNameCollectorPlugin.named_regexp``."""
    pattern = re.compile(expression)

    def platform(members: list[Member]) -> Delivery | None:
        return _collected(
            members, lambda member: pattern.match(str(member.path)), "FileNameCollectorPlugin.named_regexp"
        )

    return platform


def _collected(
    members: list[Member], match_of: Callable[[Member], re.Match[str] | None], called: str
) -> Delivery | None:
    def tell(member: Member) -> Told | None:
        match = match_of(member)
        words = match.groupdict() if match else {}
        student, file, time = words.get("student_id"), words.get("file_id"), words.get("timestamp")
        if not student or not file:
            return None
        suffix = "." + member.name.rpartition(".")[2]
        file = file if file.endswith(suffix) else file + suffix  # as nbgrader: the file's own suffix
        named = (words.get("first_name"), words.get("last_name"), words.get("email"))
        person = Person((student,), *named) if any(named) else None
        return Told(student, file, person=person, time=parse_time(time) if time else None, attempt=time or "")

    return _delivery(members, tell, called, top=False)


def parse_time(text: str) -> datetime | None:
    """Read a time as nbgrader does; None where it is none."""
    from dateutil import parser, tz  # noqa: PLC0415

    try:
        if re.fullmatch(r"\d{4}(-\d\d){5}", text):
            return datetime.strptime(text, "%Y-%m-%d-%H-%M-%S")  # noqa: DTZ007  # UTC, says nbgrader
        stamp, _, zone = text.rpartition(" ")
        named = {"TZ": int(zone) if zone.lstrip("+-").isdigit() else tz.gettz(zone)}
        time = parser.parse(f"{stamp} TZ", tzinfos=named) if stamp.count(" ") == 1 else parser.parse(text)
    except (ValueError, OverflowError):
        return None
    return time if isinstance(time, datetime) else None
