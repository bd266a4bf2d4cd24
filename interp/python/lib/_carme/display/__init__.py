"""Objects as mime bundles, display(), figures and comms."""
