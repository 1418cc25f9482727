"""nbgrader's gradebook: the rows that grading reads and writes, and the autograded notebooks beside them.

Other packages use ``gradebook``. Under it lie three groups of modules:

- ``connection``, ``database``, ``locks`` and ``transaction``: how the database is opened, locked and committed;
- ``rows``, ``statements``, ``journal``, ``history``, ``marks``, ``class_results``, ``released``: what tables hold;
- ``submissions``, ``students``, ``lateness`` and ``autograded_files``: what grading enters.
"""

from autograder.gradebook.lazy import defer_package, functions_on_request

for name in ("nbgrader", "nbformat", "requests"):
    defer_package(name)
with functions_on_request("setuptools.archive_util"):  # for archives, which grading does not leave to nbgrader
    import nbgrader.utils  # noqa: F401
