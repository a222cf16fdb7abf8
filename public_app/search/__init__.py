"""The search page and its feed, over whatever engine stands behind `shared.search`."""
