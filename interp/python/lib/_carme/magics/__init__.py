"""Magics without IPython: how they are found, read and run; the magics themselves in its packages.

A magic is a function of the line after its name and, for `%%name`, of the rest of the cell.
builtin_magics lists them, table finds and runs them. Those that only IPython has are not here.
"""
