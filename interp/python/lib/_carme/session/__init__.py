"""The notebook's state: its namespace, the running cell, In and Out, settings. A leaf."""
