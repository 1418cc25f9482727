"""Notebooks as data: what can be read from a notebook or changed in it without running any of its code."""
