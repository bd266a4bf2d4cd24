"""Completion and inspection of live objects, as complete_reply and inspect_reply tell them.

Here belongs what answers such a request; what reads Python source without objects is in syntax.
"""
