"""What the results of a whole class say, as numbers: pure functions of results, without a page or a file.

``marks`` lays the marks out as a table, ``items`` holds the statistics of questions, ``mistakes`` and
``unexplained`` count wrong answers, ``summary`` puts a :class:`~autograder.analysis.model.ClassSummary` together.
"""
