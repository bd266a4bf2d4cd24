"""IPython's own shell in the place of the small one, from the moment that something needs it."""
