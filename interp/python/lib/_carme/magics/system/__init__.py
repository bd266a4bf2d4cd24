"""Magics and commands that start programs or touch files."""
