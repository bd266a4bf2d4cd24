"""IPython's own tests, run against a kernel over the wire instead of a shell in the tests' process."""
