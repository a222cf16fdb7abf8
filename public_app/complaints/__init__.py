"""Reporting a listing, a thread or a message to the staff."""
