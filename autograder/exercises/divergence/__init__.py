"""Entropy, divergences between distributions, and moment matching."""
