"""Makes this repository an nbgrader course whose submissions are graded sealed."""

from autograder import nbgrader_plugin

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "logits-and-likelihoods"
# Validate shows the visible checks, too: they carry no marks, and by default it runs but does not show such cells.
c.Validator.validate_all = True
nbgrader_plugin.configure(c)
