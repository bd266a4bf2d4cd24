"""Objects as mime bundles, display(), the classes of IPython.display, matplotlib's figures.

Not here: the text of exceptions (errors), streams (output), comm messages (messages).
"""
