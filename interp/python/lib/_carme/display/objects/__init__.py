"""The classes of IPython.display, for environments without IPython.

Not here: functions such as display() (display_functions.py), the module IPython.display (stand_in).
"""
