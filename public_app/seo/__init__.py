"""What crawlers read: robots.txt, and sitemaps of listings, places and categories."""
