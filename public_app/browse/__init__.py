"""Home, place, category and place+category pages, straight from the catalogue."""
