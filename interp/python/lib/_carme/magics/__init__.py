"""Magics without IPython: table.py names them, each other module here has one family.

A magic is a function of the line behind its name and, for `%%name`, the rest of the cell.
"""
