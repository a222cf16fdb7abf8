"""docs/events.md, made from the dataclasses and the decorated functions: what happens, and who hears of it."""

import inspect
from dataclasses import fields
from types import GenericAlias, NoneType, UnionType

from jobs.consumers import Consumer, load, subscriptions
from shared.config import ROOT
from shared.events import EVENT_TYPES, Event

PAGE = ROOT / "docs" / "events.md"
_HEAD = """# Events

Made by `python3 run.py events page` from `shared/events/types.py` and `jobs/consumers/`; a test holds it up to date.

An event is written next to the change it tells of, in the same transaction, and is delivered to every consumer of its
type: at least once to one that acts outside the event's database (its effect bears that), exactly once to one whose
effect and mark commit together. Events are kept for 30 days. Fields are ids, amounts in minor units, UTC seconds and
plain words; readers ignore fields that they do not know. `version` grows when a field is added.
"""


def text() -> str:
    """The whole page."""
    types = sorted(EVENT_TYPES.values(), key=lambda kind: kind.__name__)
    consumers = sorted(load().values(), key=lambda one: one.name)
    parts = [_HEAD, *map(_event, types), "## Consumers\n", "\n".join(_consumers(consumers))]
    return "\n".join(parts) + "\n"


def _event(kind: type[Event]) -> str:
    heard = ", ".join(sorted(f"`{one.name}`" for one in subscriptions().get(kind.__name__, ())))
    lines = [
        f"## {kind.__name__}",
        "",
        f"Version {kind.version}. {_one_line(kind)}",
        "",
        "| Field | Type |",
        "|---|---|",
    ]
    lines += [f"| `{field.name}` | {_type(field.type)} |" for field in fields(kind)]
    return "\n".join([*lines, "", f"Consumers: {heard or 'none; the search index reads the feed itself'}.", ""])


def _consumers(consumers: list[Consumer]) -> list[str]:
    rows = ["| Consumer | Queue | Delivery | What it does |", "|---|---|---|---|"]
    for one in consumers:
        delivery = "exactly once" if one.transactional else "at least once"
        rows.append(f"| `{one.name}` | {one.queue} | {delivery} | {_one_line(one.handle)} |")
    return rows


def _one_line(thing: object) -> str:
    return " ".join((inspect.getdoc(thing) or "").split())


def _type(kind: object) -> str:
    if isinstance(kind, UnionType):
        return " or ".join("nothing" if each is NoneType else _type(each) for each in kind.__args__)
    return str(kind) if isinstance(kind, GenericAlias) else getattr(kind, "__name__", str(kind))
