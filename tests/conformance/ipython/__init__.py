"""IPython's own tests, asked of a kernel over the wire instead of a shell in the tests' process."""
