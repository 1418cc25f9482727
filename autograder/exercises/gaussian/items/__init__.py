"""Questions of the gaussian notebook with a stored answer."""
