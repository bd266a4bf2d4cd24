"""Notebooks as people write them, executed under both kernels: the same outputs in each cell."""
