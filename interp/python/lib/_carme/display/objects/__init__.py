"""The classes of IPython.display, for environments without IPython.

Not here: display() and its kin (display_functions.py), the import of IPython's names (stand_in).
"""
