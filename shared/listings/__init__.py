"""Listings: what is offered, by whom, and in which state."""
