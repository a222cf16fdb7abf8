"""Messages between users, each side's copy on its own shard."""
