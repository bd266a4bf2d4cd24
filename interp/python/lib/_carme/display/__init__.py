"""Objects as mime bundles, display() and its kin, the classes of IPython.display, figures.

Not here: the text of exceptions (errors), streams (output), comm messages (messages).
"""
