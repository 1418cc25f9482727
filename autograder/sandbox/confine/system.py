"""Calls of the kernel that Python does not offer."""

from __future__ import annotations

import ctypes
import functools
import os


@functools.cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library


def call(function: str, *arguments: int | bytes | None) -> int:
    """Call a function of the C library, and return what it returns.

    Raises
    ------
    OSError
        If it returns a negative number.
    """
    given = [ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments]
    result: int = _library()[function](*given)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{function}: {os.strerror(error)}")
    return result


def keep_privileges() -> None:
    """Let no program that this process becomes have more rights than this process, for good."""
    call("prctl", 38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
