"""Newsletters: letters of the operators to everybody who asked for news, each to each reader at most once."""

from shared.newsletters.actions import (
    begin,
    end,
    export,
    finish,
    forget,
    give_back,
    next_letter,
    outcomes,
    parse,
    queue,
    readers,
    waiting,
)
from shared.newsletters.models import Newsletter, NewsletterCopy

__all__ = [
    "Newsletter",
    "NewsletterCopy",
    "begin",
    "end",
    "export",
    "finish",
    "forget",
    "give_back",
    "next_letter",
    "outcomes",
    "parse",
    "queue",
    "readers",
    "waiting",
]
