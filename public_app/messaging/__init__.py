"""Writing to a seller, and one's threads: reading, answering, offers, archive, blocking."""
