"""A cell while it runs: its begin, its end, its result, the names that code in it sees."""
