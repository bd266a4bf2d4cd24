"""Magics and commands that start programs or work on directories and environment variables."""
