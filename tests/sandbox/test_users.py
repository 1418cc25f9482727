"""Only root with all the rights that are needed becomes other users."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.sandbox import users

ALL = 0b1110_1011


@pytest.mark.parametrize(
    ("uid", "held", "may"),
    [
        (0, ALL, True),
        (0, (1 << 41) - 1, True),
        (1000, ALL, False),
        (0, 0, False),
        (0, None, False),
        *((0, ALL & ~(1 << bit), False) for bit in (0, 1, 3, 5, 6, 7)),
    ],
)
def test_root_may_change_users_if_it_has_every_right_for_it(monkeypatch, uid, held, may):
    effective = "" if held is None else f"CapEff:\t{held:016x}\n"
    status = (
        f"Name:\tx\nCapInh:\t{0:016x}\nCapPrm:\t{(1 << 41) - 1:016x}\n{effective}CapBnd:\t{(1 << 41) - 1:016x}\n"
    )
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: status)
    assert users.may_change_users() is may


def test_where_all_ids_are_taken_one_is_shared_and_each_has_one_of_the_range(monkeypatch):
    monkeypatch.setattr(users, "IDS", [-os.getpid() - 1, -os.getpid() - 2])
    held = [users.User() for _ in range(3)]
    assert {user.uid for user in held[:2]} == set(users.IDS)
    assert held[2].uid in users.IDS
    for user in held:
        user.close()
