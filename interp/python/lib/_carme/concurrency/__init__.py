"""The event loop of cells, threads, and what goes on in the background."""
