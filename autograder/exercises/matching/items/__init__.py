"""Questions of the matching notebook with a stored answer."""
