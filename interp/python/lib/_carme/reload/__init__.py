"""%autoreload: modules whose files have changed."""
