"""Makes this repository an nbgrader course whose submissions are graded sealed."""

from autograder import nbgrader_plugin

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "logits-and-likelihoods"
nbgrader_plugin.configure(c)
