"""nbgrader's database and the folders it fills."""
