"""The program that confines its own process and then becomes a command: the standard library alone.

A confinement can't be undone, so the grader runs ``program`` in a process of its own (see ``launcher``), where
nothing of the project but this package can be imported. ``landlock`` restricts which files it may open;
``namespace`` shows it those files alone, by ``mounts``; ``trees`` holds them as links or copies, for a root of its
own. ``system`` calls the kernel.
"""
