"""Questions of the losses notebook with a stored answer."""
