"""The only place where student code runs.

``policy`` says what a student's process may read and use, ``seccomp`` which system calls it may make; ``zygote``
keeps a warm process that forks one for each submission, ``pool`` hands them out, ``session`` asks, limits and
ends one; ``protocol`` turns what crosses into plain data; ``inside`` is the program inside.
"""
