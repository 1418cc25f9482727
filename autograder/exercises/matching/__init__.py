"""The capstone: a model trained by hand, its confidence calibrated, and the spectrum of its data."""
