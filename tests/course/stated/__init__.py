"""The decimal numbers in the prose of each notebook, a module a topic.

``COMPUTED`` gives each number by a formula of its own, which shares no code with the notebooks or the references.
``GIVEN`` are numbers that a text chooses itself: data, parameters, points, names. ``MEASURED`` come out of a
simulation, a training run or a file of data, and a cell prints them. ``SEEN`` are read off a figure, or bounds.
"""
