"""Whether this process lives and what it depends on answers."""
