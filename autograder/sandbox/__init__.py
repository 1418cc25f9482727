"""The only place where student code runs.

``policy`` says what a student's process may read and use (``libraries`` names what its Python needs), ``seccomp``
which of the ``system_calls`` it may make, and ``ways`` how this machine can hold it to that. ``fork_server`` is
the trusted side of a warm process, called a fork server: it has imported what notebooks import and forks one
process for each submission. ``launcher`` starts a fork server, through the program in ``confine``; ``pool`` gives
each submission a fork server.

``session`` is the process of one submission: it sends requests, enforces limits and ends the process. ``channel``
carries the frames, ``protocol`` defines the messages, ``values`` packs and reads the values in them, and
``answers`` turns replies into answers. ``inside`` is the program that runs in the sandbox.
"""
