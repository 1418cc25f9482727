"""The program inside the sandbox: the only code that runs beside a student's.

It imports nothing of the project and holds nothing worth reading: no reference, no hidden input but the one
it was just sent, no points. The launcher has applied Landlock and seccomp before this starts; ``serve`` gives
up what privileges are left, imports what notebooks import, and forks for each submission a process that seals
itself once more (``seal``) and obeys one command at a time (``worker``):

    cell    run source in IPython's own shell; send the outputs a notebook would show
    call    call a function of the notebook with decoded arguments; send its value as data

Frames are ``>II`` (length of the JSON, length of the bytes that follow it). Whatever a submission does to
its process, it can only change what is sent; the trusted side reads that as data and judges values.
"""
