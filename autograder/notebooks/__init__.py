"""A notebook as data: read from any bytes, held against the instructor's cells, restored, sanitised."""
