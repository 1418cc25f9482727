"""The commands of the command line, one module or package for each; its function ``run`` is the command.

What several commands share has a module of its own: ``options`` and ``interrupts`` (the command line), ``opening``
(the course and its submissions), ``console``, ``progress`` and ``report_files`` (what is printed and written).
"""
