"""Exceptions: their `error` messages, formatted tracebacks, pdb, what the last error keeps alive.

Not here: how exceptions are caught (run, shell), interrupts (interrupts).
"""
