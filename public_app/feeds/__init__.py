"""Atom feeds (RFC 4287) of every browse page; /search.atom is with the search."""
