"""List and read the files in a zip; refuse entries that are unsafe.

Nothing is unpacked to disk. An entry is read into memory when its submission is graded, up to the limits. The
modes, links and absolute paths that a zip may contain have no effect.
"""

from __future__ import annotations

import os
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath

from autograder.intake.files import (
    IGNORED,
    IS_LINK,
    IS_NO_FILE,
    MAX_DEPTH,
    MAX_FILE,
    RefusedError,
    open_file,
    too_large,
)
from autograder.intake.model import DeliveredFile, Refused, printable

MAX_ENTRIES = 100_000
MAX_NAME, MAX_PART = 1024, 255
"""Bytes of an entry's whole path, and of one file or folder name in it."""
MAX_RATIO, SMALL = 500, 1 << 20
"""The largest ratio of unpacked to packed size, for an entry of more than ``SMALL`` bytes."""
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1 | 0x40 | 0x2000
"""An entry's flags for encryption, strong encryption and masked headers."""
LOCAL_HEADER = 30
"""Bytes of an entry's local header without its name."""
PLAIN_KINDS = (0, stat.S_IFREG, stat.S_IFDIR)


def open_zip(path: Path) -> tuple[list[DeliveredFile], list[Refused]]:
    """List the files of a zip without reading them.

    Returns
    -------
    files
        Its files; one that must not be opened has a ``problem``.
    refused
        The entries with a name that is refused.

    Raises
    ------
    RefusedError
        If the zip itself can't be read.
    """
    archive = _opened(path)
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise RefusedError(f"{path} holds {len(entries)} entries; at most {MAX_ENTRIES} are listed.")
    named = [(entry, name, _problem_of_name(name)) for entry in entries for name in [_name(entry)]]
    clashing = _clashes([name for _, name, problem in named if not problem])
    overlapping = _overlaps(entries)
    files, refused = [], []
    for number, (entry, name, problem) in enumerate(named):
        where, label = path / name.lstrip("/"), f"entry {number + 1} of {path.name}"
        if problem:
            refused.append(Refused(where, problem, label))
        elif not _is_left_by_a_tool(name) and not (name.endswith("/") and entry.file_size == 0):
            why = _problem_of_kind(entry)
            if _folded(name) in clashing:
                why = "is in the zip more than once; names that differ only in case or Unicode form count as one."
            elif entry.header_offset in overlapping:
                why = "shares its bytes with another entry, as in a zip bomb."
            read = partial(_read, path, number, entry.orig_filename)
            files.append(DeliveredFile(name, where, label, read, why))
    return files, refused


def _opened(path: Path) -> zipfile.ZipFile:
    """Open a zip; return it from the cache if it has not changed.

    Raises
    ------
    RefusedError
        If it can't be read.
    """
    open_file(path).close()  # refuses links and devices
    now = path.stat()
    try:
        return _cached(path, now.st_mtime_ns, now.st_size, os.getpid())
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, OSError) as error:
        raise RefusedError(f"{path} is no zip that can be read: {error}.") from None


@lru_cache(maxsize=8)
def _cached(path: Path, _modified: int, _size: int, _pid: int) -> zipfile.ZipFile:
    """Open a zip, in each process anew: forked processes share the position in a file that is open already."""
    return zipfile.ZipFile(path)


def _read(path: Path, index: int, name: str, limit: int) -> bytes:
    """Unpack one entry into memory, and verify its checksum.

    It takes a path and an index, and no open zip, so that any process can call it.
    """
    archive, where = _opened(path), path / name.lstrip("/")
    entries = archive.infolist()
    if index >= len(entries) or entries[index].orig_filename != name:
        raise RefusedError(f"{printable(path)} has changed since it was listed; run the command again.")
    entry = entries[index]
    if entry.file_size > limit:
        raise RefusedError(f"{printable(where)} {too_large(entry.file_size, limit)}")
    try:
        with archive.open(entry) as file:
            return file.read(limit + 1)  # zipfile returns at most the checked size
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,
        NotImplementedError,
        ValueError,
    ) as error:
        reason = str(error) or type(error).__name__
        raise RefusedError(f"{printable(where)} is damaged in the zip: {ascii(reason)[1:-1]}.") from None


def _name(entry: zipfile.ZipInfo) -> str:
    """Return an entry's name, decoded as UTF-8.

    Most tools that don't set the flag for UTF-8 write UTF-8 anyway, but zipfile then decodes cp437. Bytes that are
    not UTF-8 become surrogates.
    """
    if entry.flag_bits & 0x800:
        return entry.orig_filename
    return entry.orig_filename.encode("cp437").decode("utf-8", "surrogateescape")


def _is_left_by_a_tool(name: str) -> bool:
    """Whether the Mac's Finder, Jupyter, git or Python created this file."""
    parts = PurePosixPath(name).parts
    return any(part in IGNORED or part == ".DS_Store" or part.startswith("._") for part in parts)


def _problem_of_name(name: str) -> str | None:
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        return "has a name that is not UTF-8."
    parts = name.removesuffix("/").split("/")
    if name.startswith("/") or (len(name) > 1 and name[1] == ":"):
        return "has an absolute path; nothing is read from outside the zip."
    if ".." in parts:
        return "has a path that leads out of the zip (“..”)."
    if "\\" in name or "" in parts or "." in parts or any(unicodedata.category(c) == "Cc" for c in name):
        return "has control characters, backslashes or empty folders in its name, as no platform writes."
    if length > MAX_NAME or max(len(part.encode()) for part in parts) > MAX_PART:
        return f"has a name of {length} bytes; a file's name may have {MAX_PART}, its whole path {MAX_NAME}."
    if len(parts) > MAX_DEPTH:
        return f"lies in folders nested more than {MAX_DEPTH} deep."
    return None


def _problem_of_kind(entry: zipfile.ZipInfo) -> str | None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return IS_LINK
    if kind not in PLAIN_KINDS:
        return IS_NO_FILE
    if entry.flag_bits & ENCRYPTED:
        return "is encrypted; the grader has no password for it."
    if entry.compress_type not in METHODS:
        return f"is packed by a method ({entry.compress_type}) that no platform uses."
    if entry.file_size > MAX_FILE:
        return too_large(entry.file_size, MAX_FILE)
    if entry.file_size > max(SMALL, MAX_RATIO * entry.compress_size):
        return (
            f"unpacks to {entry.file_size / max(1, entry.compress_size):.0f} times its size, as a zip bomb does."
        )
    return None


def _folded(name: str) -> str:
    """Return a normal form: two names have the same one if they are one file on some platform."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).removesuffix("/")


def _clashes(entries: list[str]) -> set[str]:
    """Return the folded names that more than one entry has, or that are both a file and a folder."""
    files = Counter(_folded(name) for name in entries if not name.endswith("/"))
    clashing = {name for name, times in files.items() if times > 1}
    folders = {name.rpartition("/")[0] for name in files}
    while folders:  # upwards, each once: many files lie in one folder
        clashing |= folders & files.keys()
        folders = {folder.rpartition("/")[0] for folder in folders} - {""}
    return clashing


def _overlaps(entries: list[zipfile.ZipInfo]) -> set[int]:
    """Return the offsets of entries that share packed bytes with another entry."""
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    overlapping: set[int] = set()
    end, begin = -1, -1
    for entry in ordered:
        if entry.header_offset < end:
            overlapping |= {begin, entry.header_offset}
        reach = entry.header_offset + LOCAL_HEADER + entry.compress_size
        if reach > end:
            end, begin = reach, entry.header_offset
    return overlapping
