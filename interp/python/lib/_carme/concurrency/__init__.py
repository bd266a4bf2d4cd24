"""asyncio's event loop for cells, the output of threads, and background coroutines.

The worker's event loop is browser's, the event loops of GUI toolkits are gui's.
"""
