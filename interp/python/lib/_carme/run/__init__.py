"""Running a cell: its start, its end, its result, and the names that a magic in it sees.

Its code is compiled in syntax; awaiting is concurrency's.
"""
