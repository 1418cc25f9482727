"""Processes that a submission can't outlive: deadlines and memory limits for the grader's own work on it.

Whatever reads, restores, judges or draws for a submission runs in a worker process. Its parent kills a worker that
takes too long, replaces it, and knows why it ended. ``nursery`` forks the workers, ``worker`` talks to one;
``fork`` is for a single piece of work.
"""
