"""SIGINT, whatever runs, and limits for code that nobody has asked to run. No event loop."""
