"""What can go wrong when looking for a place."""

from shared.errors import NotFound


class UnknownPlace(NotFound):
    """No place has this id or path."""

    code = "unknown_place"
