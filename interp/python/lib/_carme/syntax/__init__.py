"""A cell as text: tokens, IPython's syntax, syntax trees, code objects. Nothing is run.

Here belongs what reads source; what reads live objects is in help, what runs code in run.
"""
