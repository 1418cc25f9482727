"""The program inside the sandbox: the only code that runs in one process with a student's.

It imports nothing of the project and holds no secrets: no reference, no points, and no hidden input except the one
that it was just sent. Landlock confines it before it starts. ``serve`` is the fork server: it gives up its other
privileges, imports what notebooks import, and forks a process for each submission. The fork confines itself
further (``seal``) and carries out one request at a time (``worker``):

    cell    run a cell in IPython's own shell; send the outputs that a notebook would show
    calls   call a function of the notebook with decoded arguments, and send its values as data

A frame starts with ``>II``: the length of its JSON and the length of the bytes after the JSON. A submission may
take over its process, but that changes only what is sent. The trusted side reads it as data and judges values.
"""
