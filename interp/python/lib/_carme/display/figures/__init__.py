"""matplotlib in cells: the choice of its backend, the inline backend, locks for drawing.

Not here: other plotting libraries, whose objects are shown by their own methods.
"""
