"""SIGINT: its handlers, subshells, and time limits for code that the user did not ask to run.

The event loop's part is concurrency's.
"""
