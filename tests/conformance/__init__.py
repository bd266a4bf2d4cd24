"""Carme and ipykernel side by side: suites of other projects, notebooks, cells."""
