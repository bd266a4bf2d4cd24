"""Exceptions as text, tracebacks and pdb. No output: what is shown is sent by others."""
