"""What a mount namespace is made of, by the very calls of the kernel, without one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sandbox.doubles import System

from autograder.sandbox.confine import landlock, mounts, namespace, trees

RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, REC, SLAVE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 19
"""From the kernel's ``linux/mount.h``, as the flags below from ``linux/sched.h``."""
NEWNS, NEWUSER = 0x20000, 0x10000000
APART = ("mount", None, b"/", None, REC | SLAVE, None)


@pytest.fixture
def called(monkeypatch):
    """The calls of the kernel, in order."""
    made = []
    monkeypatch.setattr(mounts, "call", lambda *given: made.append(given) or 0)
    return made


@pytest.fixture
def written(monkeypatch):
    """What is written below ``/proc``."""
    made = []
    monkeypatch.setattr(Path, "write_text", lambda path, text: made.append((str(path), text)))
    return made


def test_root_needs_a_mount_namespace_alone(called, written, monkeypatch):
    monkeypatch.setattr(mounts, "os", System(getuid=lambda: 0, getgid=lambda: 0))
    mounts.own_namespace()
    assert called == [("unshare", NEWNS), APART]
    assert written == []


def test_another_user_keeps_the_own_ids_in_a_user_namespace(called, written, monkeypatch):
    monkeypatch.setattr(mounts, "os", System(getuid=lambda: 1000, getgid=lambda: 100))
    mounts.own_namespace()
    assert called == [("unshare", NEWNS | NEWUSER), APART]
    maps = [("uid_map", "1000 1000 1"), ("gid_map", "100 100 1")]
    assert written == [("/proc/self/setgroups", "deny"), *((f"/proc/self/{name}", text) for name, text in maps)]


def test_a_file_system_in_memory_has_no_devices_and_gives_no_rights_and_others_are_shown_with_what_is_below(
    called,
):
    mounts.in_memory("/run/1", "size=1M")
    mounts.bind("/opt/é", "/run/1/opt/é")
    assert called == [
        ("mount", b"tmpfs", b"/run/1", b"tmpfs", NOSUID | NODEV, b"size=1M"),
        ("mount", "/opt/é".encode(), "/run/1/opt/é".encode(), None, BIND | REC, None),
    ]


MOUNTS = r"""21 1 8:1 / / rw,nosuid,noexec - ext4 /dev/sda1 rw
22 21 0:5 / /run/1 rw,relatime - tmpfs tmpfs rw
23 22 8:1 /usr /run/1/usr rw,nodev,noexec,relatime shared:1 - ext4 /dev/sda1 rw
24 22 0:6 / /run/1/dev/null rw,noexec - devtmpfs udev rw
25 22 0:6 / /run/1/devices rw - devtmpfs udev rw
26 22 8:1 / /run/1/a\040space\134 rw - ext4 /dev/sda1 rw
27 22 0:7 / /run/1/run/1 rw - tmpfs tmpfs rw
28 22 0:7 / /run/1/run/1/more rw - tmpfs tmpfs rw
29 22 0:7 / /run/10 rw - tmpfs tmpfs rw
30 22 0:7 / /run rw - tmpfs tmpfs rw
"""


def test_every_mount_below_a_root_but_one_is_made_read_only_and_keeps_its_flags(called, monkeypatch):
    monkeypatch.setattr(Path, "read_text", lambda path, **_: MOUNTS if path.name == "mountinfo" else "")
    mounts.make_read_only("/run/1", but="/run/1/run/1", devices="/run/1/dev")
    always = REMOUNT | BIND | RDONLY | NOSUID
    assert called == [
        ("mount", None, place, None, always | flags, None)
        for place, flags in (
            (b"/run/1", NODEV),
            (b"/run/1/usr", NODEV | NOEXEC),
            (b"/run/1/dev/null", NOEXEC),
            (b"/run/1/devices", NODEV),
            (b"/run/1/a space\\", NODEV),
            (b"/run/1/run/1/more", NODEV),
        )
    ]


def test_a_mount_whose_name_is_no_ascii_is_made_read_only_by_its_bytes(called, monkeypatch):
    text = "22 21 0:5 / /run/1/ü\udcff rw - tmpfs tmpfs rw\n"
    monkeypatch.setattr(Path, "read_text", lambda path, **_: text)
    mounts.make_read_only("/run/1", but="", devices="")
    assert [place for _, _, place, *_ in called] == ["/run/1/ü".encode() + b"\xff"]


def test_the_old_root_is_taken_away_from_within_the_new_one(called, monkeypatch):
    monkeypatch.setattr(mounts, "os", System(chdir=lambda path: called.append(("chdir", path))))
    mounts.enter_root("/run/1")
    assert called == [("chdir", "/run/1"), ("pivot_root", b".", b"."), ("umount2", b".", 2), ("chdir", "/")]


@pytest.mark.sandbox
def test_a_root_is_filled_with_what_is_shown_and_entered_when_nothing_in_it_can_be_changed(monkeypatch, tmp_path):
    done = []
    for module in (
        trees,
        namespace,
    ):  # who is not root can fill a folder that it may enter alone only by its rights
        monkeypatch.setattr(module, "PASSED_THROUGH", 0o711)
    for name in ("own_namespace", "in_memory", "bind", "make_read_only", "enter_root"):
        note = lambda *given, name=name, **named: done.append((name, *given, *named.values()))  # noqa: E731
        monkeypatch.setattr(mounts, name, note)
    base = Path(os.path.realpath(tmp_path))
    root, shown, single = base / "root", base / "shown", base / "single"
    root.mkdir()
    (shown / "deep").mkdir(parents=True)
    single.write_text("x")
    paths = [str(shown), str(shown / "deep"), str(single), "/no/such/file"]
    descriptor = namespace.enter(str(root), "size=1M", paths, [("/lib", "usr/lib")])
    own = f"{root}{root}"
    assert os.path.samestat(os.fstat(descriptor), os.stat(own))
    os.close(descriptor)
    devices = [("bind", path, f"{root}{path}") for path in ("/dev/null", "/dev/urandom")]
    assert done == [
        ("own_namespace",),
        ("in_memory", str(root), namespace.ROOM),
        *devices,
        *(("bind", str(path), f"{root}{path}") for path in (shown, single)),
        ("in_memory", own, "size=1M"),
        ("make_read_only", str(root), own, f"{root}/dev"),
        ("enter_root", str(root)),
    ]
    assert os.path.isdir(f"{root}{shown}")
    assert os.path.isfile(f"{root}{single}")
    assert os.readlink(root / "lib") == "usr/lib"
    assert root.stat().st_mode & 0o777 == 0o711


# --- Landlock --------------------------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch):
    """What is asked of Landlock: the attributes, and the rights by path."""
    attributes, rules, order = [], [], []

    def call(_, number, *given):
        order.append(number)
        if number == landlock.CREATE_RULESET:
            attributes.append([int.from_bytes(given[0][at : at + 8], "little") for at in (0, 8, 16)])
            return os.open(os.devnull, os.O_RDONLY)
        if number == landlock.ADD_RULE:
            rights, opened = int.from_bytes(given[2][:8], "little"), int.from_bytes(given[2][8:], "little")
            rules.append((os.readlink(f"/proc/self/fd/{opened}"), rights))
        return 0

    monkeypatch.setattr(landlock, "call", call)
    monkeypatch.setattr(landlock, "keep_privileges", lambda: order.append("keep"))
    return attributes, rules, order


@pytest.mark.parametrize(
    ("abi", "attributes", "changes_file", "changes_folder"),
    [
        (1, [0x1FFF, 0, 0], 0b110, 0b1_0001_1011_1110),
        (2, [0x3FFF, 0, 0], 0b110, 0b11_0001_1011_1110),
        (3, [0x7FFF, 0, 0], 0x4006, 0b111_0001_1011_1110),
        (4, [0x7FFF, 3, 0], 0x4006, 0b111_0001_1011_1110),
        (5, [0xFFFF, 3, 0], 0x4006, 0b111_0001_1011_1110),
        (6, [0xFFFF, 3, 3], 0x4006, 0b111_0001_1011_1110),
    ],
)
def test_a_path_is_given_the_rights_that_its_kind_and_the_kernel_know(
    asked, tmp_path, abi, attributes, changes_file, changes_folder
):
    """Bits from the kernel's ``linux/landlock.h``: to execute 1, write 2, read a file 4 or a folder 8, …"""
    base = Path(os.path.realpath(tmp_path))
    (base / "file").touch()
    (base / "folder").mkdir()
    paths = [f"{base}/{name}" for name in ("file", "gone", "file/below", "folder")]
    before = len(os.listdir("/proc/self/fd"))
    landlock.confine(paths, paths, abi)
    made, rules, order = asked
    assert made == [attributes]
    assert rules == [
        *[(f"{base}/file", 0b101), (f"{base}/folder", 0b1101)],
        *[(f"{base}/file", changes_file), (f"{base}/folder", changes_folder)],
    ]
    assert order == [444, 445, 445, 445, 445, "keep", 446]
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_path_that_exists_and_can_not_be_opened_is_an_error(asked, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "refused")

    monkeypatch.setattr(landlock, "os", System(open=refuse))
    with pytest.raises(PermissionError):
        landlock._allow(3, "/root/file", landlock.READABLE)


@pytest.mark.parametrize(("abi", "scopes"), [(1, [0, 0]), (4, [3, 0]), (6, [3, 3])])
def test_a_fork_s_own_domain_restricts_device_files_alone_and_what_the_kernel_knows_of_others(abi, scopes):
    data = landlock.domain(abi)
    numbers = [int.from_bytes(data[at : at + 8], "little") for at in range(0, len(data), 8)]
    assert numbers == [1 << 6 | 1 << 11, *scopes]
