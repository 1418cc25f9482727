"""Grading on other machines: what a Dask cluster is sent, what runs on its workers, and who may be one.

Nothing here is imported unless a cluster is named. Submissions are read on the machine that asks, graded on the
workers, and written to the gradebook by the machine that asked.
"""
