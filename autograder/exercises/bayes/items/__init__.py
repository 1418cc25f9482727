"""Questions of the bayes notebook with a stored answer."""
