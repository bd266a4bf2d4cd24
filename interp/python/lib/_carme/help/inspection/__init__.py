"""What `?` shows of an object: signature, docstring, source, file.

Which object a name stands for is found by guarded_eval; how its repr is laid out, by display.
"""
