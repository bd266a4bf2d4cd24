"""Magics that show or set how the shell behaves."""
