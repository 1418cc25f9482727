"""A submission becomes a Report; many do, in worker processes, in order."""
