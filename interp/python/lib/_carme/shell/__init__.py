"""The small shell, the functions that the native half calls, and the import hooks.

The top of the Python half: the other packages do not import it.
"""
