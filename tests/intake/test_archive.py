"""An unsafe entry of a zip is refused by name; the other students in the zip are graded."""

from __future__ import annotations

import contextlib
import os
import pickle
import stat
import struct
import zipfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from intake.deliveries import accepted, canvas_name, rejected, zipped

from autograder.envelope.fork import in_fork
from autograder.envelope.worker import Envelope
from autograder.intake import Expected, archive, find_notebooks
from autograder.intake.archive import open_zip
from autograder.intake.files import MAX_FILE, RefusedError
from autograder.intake.identify import problem_of_student_id

ONE = Expected({"softmax": ["softmax"]})
HERS = canvas_name("Lovelace, Ada", 5, 90001, "softmax.ipynb")
HIS = canvas_name("Mallory, M", 666, 90002, "softmax.ipynb")


def entry(name, content=b"{}", *, method=zipfile.ZIP_DEFLATED, mode=0):
    info = zipfile.ZipInfo(name)
    info.compress_type, info.external_attr = method, mode << 16
    return info, content


def write(path, *entries):
    with zipfile.ZipFile(path, "w") as out:
        for info, content in entries:
            out.writestr(info, content)
    return path


def patched(path, name, offset, value):
    """Overwrite two bytes of an entry's record in the central directory, and of its local header."""
    data = bytearray(path.read_bytes())
    for signature, shift in ((b"PK\x01\x02", 0), (b"PK\x03\x04", -2)):
        at = data.find(signature)
        while at >= 0:
            start = at + (46 if shift == 0 else 30)
            if data[start : start + len(name)] == name.encode():
                data[at + offset + shift : at + offset + shift + 2] = struct.pack("<H", value)
            at = data.find(signature, at + 4)
    path.write_bytes(bytes(data))
    return path


# --- entries of one student that are refused -------------------------------------------------------------


def bomb(path):
    return write(path, entry(HERS), entry(HIS, b"0" * MAX_FILE))


def oversized(path):
    return write(path, entry(HERS), entry(HIS, b"\0" * (MAX_FILE + 1)))


def symlink(path):
    return write(path, entry(HERS), entry(HIS, b"/etc/passwd", mode=stat.S_IFLNK | 0o777))


def device(path):
    return write(path, entry(HERS), entry(HIS, b"", mode=stat.S_IFCHR | 0o666))


def fifo(path):
    return write(path, entry(HERS), entry(HIS, b"", mode=stat.S_IFIFO | 0o666))


def encrypted(path):
    return patched(write(path, entry(HERS), entry(HIS)), HIS, 8, 1)


def strongly_packed(path):
    return write(path, entry(HERS), entry(HIS, b"0" * 9999, method=zipfile.ZIP_LZMA))


def twice(path):
    with pytest.warns(UserWarning, match="Duplicate"):
        return write(path, entry(HERS), entry(HIS, b"one"), entry(HIS, b"two"))


def twice_but_for_case(path):
    """One file on a Mac or under Windows, two elsewhere."""
    return write(path, entry(HERS), entry(HIS, b"one"), entry(HIS.replace(".ipynb", ".IPYNB"), b"two"))


def file_and_folder(path):
    return write(path, entry(HERS), entry(HIS), entry(f"{HIS}/data.csv"))


def wrong_checksum(path):
    write(path, entry(HERS), entry(HIS, b"content", method=zipfile.ZIP_STORED))
    path.write_bytes(path.read_bytes().replace(b"content", b"CONTENT"))
    return path


def overlapping(path):
    """Two entries over the same bytes, as in the densest bombs."""
    other = HIS.replace("90002", "90003")
    write(path, entry(HERS), entry(HIS, b"x" * 100, method=zipfile.ZIP_STORED), entry(other, b"x" * 100))
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as made:
        first, second = (made.getinfo(name).header_offset for name in (HIS, other))
    at = data.rfind(struct.pack("<L", second))
    data[at : at + 4] = struct.pack("<L", first)
    path.write_bytes(bytes(data))
    return path


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (bomb, "as a zip bomb does"),
        (oversized, "at most 21 MB are opened"),
        (symlink, "is a link; links are not followed"),
        (device, "is not a file"),
        (fifo, "is not a file"),
        (encrypted, "is encrypted; the grader has no password"),
        (strongly_packed, "is packed by a method"),
        (twice, "is in the zip more than once"),
        (twice_but_for_case, "is in the zip more than once"),
        (file_and_folder, "is in the zip more than once"),
        (wrong_checksum, "is damaged in the zip"),
        (overlapping, "shares its bytes with another entry"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_must_not_be_opened_is_refused_by_name_and_hurts_nobody_else(make, said, tmp_path):
    """It still belongs to its student, who has 0 and the reason."""
    path = make(tmp_path / "submissions.zip")
    entries = {e.student: e for e in find_notebooks([path], ONE).notebooks}
    assert entries["5"].read() == b"{}"
    with pytest.raises(RefusedError, match=said) as error:
        entries["666"].read()
    assert str(error.value).startswith(str(path / "mallorym_666_9000"))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("make", [symlink, bomb, encrypted], ids=lambda value: value.__name__)
def test_a_hostile_file_beside_a_good_notebook_refuses_the_upload(make, tmp_path, monkeypatch):
    monkeypatch.setitem(make.__globals__, "HIS", canvas_name("Mallory, M", 666, 90003, "data.csv"))
    path = make(tmp_path / "submissions.zip")
    with zipfile.ZipFile(path, "a") as out:
        out.writestr(*entry(canvas_name("Mallory, M", 666, 90002, "softmax.ipynb")))
    entries = {e.student: e for e in accepted(find_notebooks([path], ONE))}
    assert entries["5"].attachments() == {}
    assert entries["666"].read() == b"{}"
    with pytest.raises(RefusedError, match=r"data\.csv"):
        entries["666"].attachments()


# --- names that belong to no student ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("/etc/cron.d/softmax.ipynb", "has an absolute path"),
        ("C:/windows/softmax.ipynb", "has an absolute path"),
        ("../../softmax.ipynb", "leads out of the zip"),
        ("ada/../../softmax.ipynb", "leads out of the zip"),
        ("..\\..\\softmax.ipynb", "backslashes"),
        ("ada//softmax.ipynb", "empty folders"),
        ("ada/./softmax.ipynb", "empty folders"),
        ("ada\x1b[2Jsoftmax.ipynb", "control characters"),
        ("ada\nsoftmax.ipynb", "control characters"),
        ("x" * 300 + ".ipynb", "has a name of 306 bytes"),
        ("/".join(["ada"] * 300) + "/softmax.ipynb", "has a name of"),
        ("/".join("abcdefghijklmnopqrstuvwxyzabcdefghijkl") + "/softmax.ipynb", "nested more than"),
        ("ada/\udcff.ipynb", "is not UTF-8"),
    ],
)
def test_a_name_that_could_lead_anywhere_is_refused_by_name(name, said, tmp_path):
    stand_in = "n" * len(name.encode("utf-8", "surrogateescape"))
    path = write(tmp_path / "submissions.zip", entry(HERS), entry(stand_in))
    path.write_bytes(path.read_bytes().replace(stand_in.encode(), name.encode("utf-8", "surrogateescape")))
    collected = find_notebooks([path], ONE)
    (refused,), (hers,) = collected.refused, collected.notebooks
    assert hers.read() == b"{}"
    assert said in refused.reason
    assert refused.neutral.startswith("entry 2 of submissions.zip ")
    assert "\n" not in refused.reason
    assert refused.reason.encode()


def test_an_archive_inside_the_zip_is_not_opened(tmp_path):
    inner = zipped(tmp_path / "inner.zip", {"bob/softmax.ipynb": "{}"}).read_bytes()
    path = zipped(tmp_path / "class.zip", {"ada/softmax.ipynb": "{}", "bob.zip": inner, "eve/work.zip": inner})
    entries = find_notebooks([path], ONE)
    assert [e.student for e in entries.notebooks] == ["ada"]
    assert {e.path.name for e in entries.refused} == {"bob.zip", "work.zip"}


def test_too_many_entries_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_ENTRIES", 3)
    path = zipped(tmp_path / "class.zip", {f"{n}/softmax.ipynb": "" for n in range(4)})
    (refused,) = rejected(find_notebooks([path], ONE))
    assert "holds 4 entries" in refused.reason


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"not a zip", b"PK\x05\x06" + b"\0" * 18, b"PK\x05\x06" + b"\xff" * 18]
)
def test_what_is_no_zip_is_refused_by_name(content, tmp_path):
    path = tmp_path / "class.zip"
    path.write_bytes(content)
    (refused,) = rejected(find_notebooks([path], ONE))
    assert str(path) in refused.reason


def test_a_link_to_a_zip_is_refused(tmp_path):
    zipped(tmp_path / "real.zip", {"ada/softmax.ipynb": ""})
    (tmp_path / "class.zip").symlink_to(tmp_path / "real.zip")
    (refused,) = rejected(find_notebooks([tmp_path / "class.zip"], ONE))
    assert refused.reason == f"{tmp_path / 'class.zip'} is a link; links are not followed."


def test_names_in_utf8_without_the_flag_are_read_as_they_are_meant(tmp_path):
    """As the Mac's Finder and older Moodles write them."""
    path = write(tmp_path / "class.zip", entry("Zoe__/softmax.ipynb"))
    path.write_bytes(path.read_bytes().replace(b"Zoe__", "Zoë_".encode()))
    (found,) = accepted(find_notebooks([path], ONE))
    assert found.student == "Zoë_"
    assert found.read() == b"{}"


def test_nothing_is_written_and_no_mode_taken_over(tmp_path):
    path = write(tmp_path / "class.zip", entry("ada/softmax.ipynb", mode=stat.S_IFREG | stat.S_ISUID | 0o777))
    before = sorted(tmp_path.rglob("*"))
    (found,) = accepted(find_notebooks([path], ONE))
    assert (found.read(), sorted(tmp_path.rglob("*"))) == (b"{}", before)


def test_an_entry_is_read_in_another_process_as_well(tmp_path):
    """Where a large class is graded by several."""
    (found,) = accepted(find_notebooks([zipped(tmp_path / "class.zip", {HERS: "hers"})], ONE))
    elsewhere = pickle.loads(pickle.dumps(found))
    assert (elsewhere.read(), elsewhere.student) == (b"hers", "5")


def test_a_zip_that_was_exchanged_meanwhile_is_refused(tmp_path):
    (found,) = accepted(find_notebooks([zipped(tmp_path / "class.zip", {HERS: "hers"})], ONE))
    zipped(tmp_path / "class.zip", {HIS: "his, and longer"})
    with pytest.raises(RefusedError, match="has changed since"):
        found.read()


# --- laws ------------------------------------------------------------------------------------------------


@given(st.lists(st.lists(st.sampled_from("aAbé"), min_size=1, max_size=4).map("/".join), max_size=6))
def test_a_name_clashes_with_itself_in_any_case_and_with_a_folder(names):
    lower = [name.lower() for name in names]
    clashing = {n for n in lower if lower.count(n) > 1 or any(other.startswith(f"{n}/") for other in lower)}
    assert archive._clashes([*names, "folder/"]) == clashing


PIECES = ["..", ".", "/", "\\", "_", "+", "LATE", "anon_", "12", "softmax", ".ipynb", "submitted", "inbound/"]
NAMES = st.lists(
    st.sampled_from(
        [*PIECES, "_assignsubmission_file_", "+2026-01-30 15:30:10.0 UTC+", "_attempt_2026-01-01-00-00-00_"]
    )
    | st.text(max_size=8),
    max_size=12,
).map("".join)


@example([".ipynb"])
@example(["\u202e/softmax.ipynb", "x" * 200 + "/softmax.ipynb"])
@given(st.lists(NAMES, min_size=1, max_size=6, unique=True))
def test_whatever_the_names_are_placing_raises_nothing_and_leads_nowhere(tmp_path_factory, names):
    """A student's id is a folder's name, and every entry's content its own or refused."""
    names = [name for name in names if len(name.encode("utf-8", "replace")) < 60000 and "\0" not in name and name]
    path = tmp_path_factory.mktemp("law") / "class.zip"
    zipped(path, {name: name.encode("utf-8", "replace") for name in names})
    collected = find_notebooks([path], ONE)
    for submitted in collected.notebooks:
        assert problem_of_student_id(submitted.student) is None
        assert submitted.upload.files[submitted.name].name in names
        assert submitted.read() == submitted.upload.files[submitted.name].name.encode()
    for refused in collected.refused:
        assert refused.reason.encode()
        assert "\n" not in refused.reason + refused.neutral


@given(st.binary(max_size=400), st.integers(0, 600), st.integers(0, 255))
def test_whatever_the_bytes_are_listing_raises_a_refusal_at_most(tmp_path_factory, noise, at, value):
    path = tmp_path_factory.mktemp("law") / "class.zip"
    zipped(path, {"ada/softmax.ipynb": "{}", "bob/softmax.ipynb": noise})
    data = bytearray(path.read_bytes())
    data[at % len(data)] = value
    path.write_bytes(bytes(data))
    try:
        files, _ = open_zip(path)
    except RefusedError:
        return
    for file in files:
        with contextlib.suppress(RefusedError):
            assert file.read() in (b"{}", noise)


def test_a_process_forked_from_one_that_opened_the_zip_reads_from_a_place_of_its_own(tmp_path):
    """Otherwise two workers that read at the same time would each get parts of the other's notebook."""
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name in ("a.ipynb", "b.ipynb"):
            file.writestr(name, name * 1000)
    files, _ = open_zip(path)
    assert files[0].read() == b"a.ipynb" * 1000
    here = archive._opened(path).fp
    before = here.tell()
    assert in_fork(lambda: files[1].read().decode(), Envelope(60.0, 60.0, 1 << 28)) == b'"%s"' % (
        b"b.ipynb" * 1000
    )
    assert here.tell() == before


# --- bounds ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a" * 255, None),
        ("a" * 256, "has a name of 256 bytes"),
        ("é" * 127, None),
        ("é" * 128, "has a name of 256 bytes"),
        ("/".join(["a" * 204] * 5), None),
        ("/".join(["a" * 204] * 5) + "b", "has a name of 1025 bytes"),
        ("/".join("a" * 32), None),
        ("/".join("a" * 33), "nested more than 32 deep"),
        ("a/", None),
        ("a//", "empty folders"),
        ("c:", "has an absolute path"),
        (":", None),
        ("a..b/..c/d..", None),
        ("..", "leads out of the zip"),
        ("a/..", "leads out of the zip"),
        ("\x7f", "control characters"),
        ("\x85", "control characters"),
        ("a\u202eb", None),
        ("", "empty folders"),
    ],
)
def test_a_name_is_refused_from_its_bound_on(name, said):
    problem = archive._problem_of_name(name)
    assert (said in problem) if said else problem is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, None),
        ({"file_size": 1 << 20, "compress_size": 0}, None),
        ({"file_size": (1 << 20) + 1, "compress_size": 0}, "unpacks to 1048577 times its size"),
        ({"file_size": 5_000_000, "compress_size": 10_000}, None),
        ({"file_size": 5_000_001, "compress_size": 10_000}, "unpacks to 500 times its size"),
        ({"file_size": MAX_FILE, "compress_size": MAX_FILE}, None),
        ({"file_size": MAX_FILE + 1, "compress_size": MAX_FILE}, "at most 21 MB"),
        ({"flag_bits": 0x800 | 0x8}, None),
        ({"flag_bits": 0x40}, "is encrypted"),
        ({"flag_bits": 0x2000}, "is encrypted"),
        ({"external_attr": (stat.S_IFDIR | 0o755) << 16}, None),
        ({"external_attr": (stat.S_IFSOCK | 0o755) << 16}, "is not a file"),
        ({"compress_type": zipfile.ZIP_BZIP2}, "is packed by a method (12)"),
        ({"compress_type": zipfile.ZIP_STORED}, None),
    ],
)
def test_an_entry_is_refused_from_its_bound_on(change, said):
    info = zipfile.ZipInfo("hw.ipynb")
    plain = {"file_size": 9, "compress_size": 9, "flag_bits": 0, "compress_type": zipfile.ZIP_DEFLATED}
    for key, value in (plain | change).items():
        setattr(info, key, value)
    problem = archive._problem_of_kind(info)
    assert (said in problem) if said else problem is None


@pytest.mark.parametrize(
    ("spans", "shared"),
    [
        ([(0, 10), (40, 10)], set()),
        ([(0, 10), (39, 10)], {0, 39}),
        ([(39, 10), (0, 10)], {0, 39}),
        ([(0, 500), (50, 1), (100, 1)], {0, 50, 100}),
        ([(0, 500), (50, 1), (530, 1)], {0, 50}),
        ([(0, 0), (30, 0)], set()),
        ([(7, 3), (7, 3)], {7}),
        ([], set()),
    ],
)
def test_entries_share_bytes_if_one_begins_before_another_ends_with_its_header_of_30_bytes(spans, shared):
    entries = []
    for offset, size in spans:
        info = zipfile.ZipInfo("x")
        info.header_offset, info.compress_size = offset, size
        entries.append(info)
    assert archive._overlaps(entries) == shared


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("__MACOSX/ada/hw.ipynb", True),
        ("ada/.DS_Store", True),
        ("ada/._hw.ipynb", True),
        ("ada/.ipynb_checkpoints/hw.ipynb", True),
        ("ada/node_modules/x/y", True),
        ("ada/.git/HEAD", True),
        ("ada/.gitignore", False),
        ("ada/my.DS_Store", False),
        ("ada/_hw.ipynb", False),
        ("ada/venv.txt", False),
    ],
)
def test_what_tools_leave_in_a_zip_is_no_file_of_it(name, left, tmp_path):
    files, refused = open_zip(zipped(tmp_path / "a.zip", {name: "x", "hw.ipynb": ""}))
    assert [file.name for file in files] == ([] if left else [name]) + ["hw.ipynb"]
    assert not refused


def test_a_folder_is_no_file_unless_it_holds_bytes(tmp_path):
    files, _ = open_zip(zipped(tmp_path / "a.zip", {"ada/": "", "bob/": "x", "ada/hw.ipynb": ""}))
    assert [file.name for file in files] == ["bob/", "ada/hw.ipynb"]


def test_as_many_entries_as_the_bound_are_listed_and_each_by_its_number(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_ENTRIES", 3)
    files, refused = open_zip(zipped(tmp_path / "a.zip", {"a": "1", "../b": "2", "c": "3"}))
    assert [(file.name, file.label, file.path) for file in files] == [
        ("a", "entry 1 of a.zip", tmp_path / "a.zip" / "a"),
        ("c", "entry 3 of a.zip", tmp_path / "a.zip" / "c"),
    ]
    assert [entry.label for entry in refused] == ["entry 2 of a.zip"]
    assert [file.read() for file in files] == [b"1", b"3"]


def test_an_entry_is_read_up_to_the_limit_that_is_asked_for(tmp_path):
    (file,), _ = open_zip(zipped(tmp_path / "a.zip", {"a": "12345"}))
    assert file.read(5) == b"12345"
    with pytest.raises(RefusedError, match=r"a\.zip/a has 0\.0 MB; at most 0 MB are opened"):
        file.read(4)


def test_a_zip_that_was_written_anew_with_as_many_bytes_is_read_anew(tmp_path):
    path = zipped(tmp_path / "a.zip", {"a": "old"})
    os.utime(path, ns=(1, 1))
    (before,), _ = open_zip(path)
    assert before.read() == b"old"
    zipped(path, {"a": "new"})
    os.utime(path, ns=(2, 2))
    assert before.read() == b"new"


def test_the_same_name_in_another_unicode_form_is_the_same_file(tmp_path):
    files, _ = open_zip(zipped(tmp_path / "a.zip", {"Zo\u00eb.ipynb": "", "Zoe\u0308.ipynb": "", "Zoe.ipynb": ""}))
    assert [file.problem is not None for file in files] == [True, True, False]
