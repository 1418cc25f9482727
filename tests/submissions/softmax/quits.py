"""Ends the process instead of answering."""

# /// expect
# softmax = { score = 0.0, mistakes = [] }
# logsumexp = { score = 0.0, mistakes = [] }
# ///

import ctypes
import os


def softmax(z, axis=-1, temperature=1.0):
    os._exit(0)


def logsumexp(z, axis=-1):
    ctypes.string_at(0)
