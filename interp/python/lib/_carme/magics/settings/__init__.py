"""Magics that show or set how the shell behaves, and those that talk to the client."""
