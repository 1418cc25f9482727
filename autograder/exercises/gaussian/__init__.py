"""The Gaussian: densities, likelihood, covariance, and the prior behind weight decay."""
