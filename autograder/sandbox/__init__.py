"""The only place where student code runs.

``policy`` says what a student's process may read, write and use; ``pool`` starts, feeds, limits and kills
it; ``protocol`` turns what crosses into plain data; ``worker`` is the program inside.
"""
