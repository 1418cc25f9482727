"""Questions of the softmax notebook with a stored answer: choices, and a proof to be put in order."""
