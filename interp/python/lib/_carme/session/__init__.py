"""The notebook's state: its namespace, the running cell, In and Out, settings; the current shell.

A leaf: everything may import it, and it imports nothing else of ours. Running cells is run's.
"""
