"""What can go wrong with categories."""

from shared.errors import NotFound


class UnknownCategory(NotFound):
    """No section or category has this slug."""

    code = "unknown_category"


class BrokenTree(Exception):
    """tree.toml says something that makes no sense; the process does not start."""
