"""Listings on the site: their pages, posting one, and managing one's own, with or without an account."""
