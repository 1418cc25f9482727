"""Questions of the bernoulli notebook with a stored answer."""
