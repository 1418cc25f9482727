"""Questions of the divergence notebook with a stored answer: choices, and a proof to be put in order."""
