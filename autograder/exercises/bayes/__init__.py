"""Probability mass functions, dice sums and Bayes' rule."""
