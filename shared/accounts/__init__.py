"""Accounts: who somebody is, and how a browser proves it."""
