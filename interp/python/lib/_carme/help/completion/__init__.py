"""Completions: a module for each source of them, and the completer, which asks them.

What only describes an object belongs to inspection.
"""
