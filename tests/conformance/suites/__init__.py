"""Other projects' own tests, fetched when they are wanted, run against a kernel named python3."""
