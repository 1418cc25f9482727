"""Grading: a submission becomes a Report; a batch of submissions is graded in worker processes, in order.

``grader`` grades one submission: its cells, in order (``cells``), with code that runs in the sandbox (``runner``).
``submission`` holds what goes into the grader and what comes out, ``outcome`` grades one notebook of a course. All
of this runs in worker processes: ``service`` answers their requests, ``workers`` sends them, ``batch`` has many
notebooks graded in parallel, and ``alone`` one without a course. ``settings`` are those of one run; ``options``
reads them from a course's configuration and the command line; ``secret`` decides the hidden inputs.
"""
