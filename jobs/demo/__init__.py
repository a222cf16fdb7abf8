"""A believable town full of listings, for trying the site and for measuring it."""
