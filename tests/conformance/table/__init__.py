"""The table of `make conformance`: what a row is, where rows come from, how they are drawn."""
