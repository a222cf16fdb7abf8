"""What the site has mailed, to look at while one develops; there is no such page on a site for others."""
