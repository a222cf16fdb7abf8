"""Saving a search, with an account or without, and changing what was saved."""
