"""%autoreload: modules whose files have changed, reloaded or patched in memory.

What parses the line magics %autoreload and %aimport is in magics.
"""
