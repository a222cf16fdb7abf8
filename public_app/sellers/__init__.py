"""Sellers as strangers see them."""
