"""Writing to a seller, and reading what was written to oneself."""
