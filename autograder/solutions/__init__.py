"""Trusted references of every exercise, by topic. Never in a student's process."""
