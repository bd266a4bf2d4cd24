"""What exists only in a browser's worker: its interface, its shell, its event loop, replacements.

What the desktop's kernel runs as well does not belong here.
"""
