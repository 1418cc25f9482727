"""Reports in the forms in which they are wanted: pure functions of what ``results`` holds."""
