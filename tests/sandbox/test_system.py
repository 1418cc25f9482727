"""Calls of the kernel: what they return, what they refuse, and privileges that are kept for good."""

from __future__ import annotations

import errno
import os
import sys

import pytest

from autograder.sandbox.confine.system import call, keep_privileges

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="calls of Linux")
GET_NO_NEW_PRIVS = 39
"""From the kernel's ``linux/prctl.h``."""


def test_a_call_returns_its_number_and_an_error_says_what_was_called():
    assert call("getpid") == os.getpid()
    with pytest.raises(OSError, match="chdir: No such file") as caught:
        call("chdir", b"/no/such/folder")
    assert caught.value.errno == errno.ENOENT


def test_a_process_that_keeps_its_privileges_gains_none_and_neither_do_its_children():
    child = os.fork()
    if child == 0:
        code = 9
        try:
            keep_privileges()
            if (grandchild := os.fork()) == 0:
                os._exit(call("prctl", GET_NO_NEW_PRIVS, 0, 0, 0, 0))
            inherited = os.waitstatus_to_exitcode(os.waitpid(grandchild, 0)[1])
            code = 10 * call("prctl", GET_NO_NEW_PRIVS, 0, 0, 0, 0) + inherited
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 11
