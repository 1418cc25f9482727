"""Build your own loss: counts, outliers, noise that depends on the input, and a network with one hidden layer."""
