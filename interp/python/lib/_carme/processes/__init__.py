"""Forked and spawned processes, process pools, and other interpreters of this process.

Commands that magics start are magics.system's.
"""
