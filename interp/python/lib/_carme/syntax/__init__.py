"""A cell as text, tokens, syntax tree and code. Nothing is run."""
