"""The two views of a page of listings, for browse pages and search results alike."""

from flask import Request

from shared.web.client import saves_data

# Rows on a page. A gallery's pictures have to load on a slow line too, and without JavaScript all of them do.
VIEWS = {"list": 50, "gallery": 24}


def shows_photos(request: Request, view: str) -> bool:
    """Whether a page in this view has photos: a gallery has, but not for a client that saves data."""
    return view == "gallery" and not saves_data(request)
