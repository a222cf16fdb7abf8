"""Favourites: listings that the signed-in user keeps an eye on."""
