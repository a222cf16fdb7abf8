"""Numbers as operators write them."""

import argparse


def positive(words: str) -> int:
    """A whole number above 0. For argparse, whose error it raises."""
    if not (words.isascii() and words.isdigit() and int(words)):
        raise argparse.ArgumentTypeError(f"{words!r} is not a whole number above 0")
    return int(words)
