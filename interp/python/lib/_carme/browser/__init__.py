"""What is only in a browser's worker."""
