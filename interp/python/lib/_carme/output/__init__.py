"""sys.stdin, stdout and stderr, and the request that what is written belongs to."""
