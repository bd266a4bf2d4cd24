"""Cells of many subjects and what they give, each with its basis: files.py reads the *.cells."""
