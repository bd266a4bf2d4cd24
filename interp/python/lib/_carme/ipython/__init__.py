"""IPython's own shell on this kernel: it takes over from the small shell when it is needed.

What works without IPython's shell is stand_in's.
"""
