"""Contents of Jupyter messages: comm messages, and the conversion of Python objects to JSON types.

Not here: mime bundles (display), error messages (errors), the wire format (protocol/, in C).
"""
