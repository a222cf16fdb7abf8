"""Times as operators write and read them."""

import argparse
import re
from datetime import UTC, datetime

from shared import clock

_SECONDS = {"m": 60, "h": 3600, "d": 86_400}


def since(words: str) -> int:
    """UTC seconds of `2026-11-20`, `2026-11-20T14:30` (UTC unless it says otherwise), or `30m`, `6h`, `2d` ago.

    For argparse, whose error it raises.
    """
    if ago := re.fullmatch(r"([0-9]{1,6})([mhd])", words):
        return clock.now() - int(ago[1]) * _SECONDS[ago[2]]
    try:
        moment = datetime.fromisoformat(words)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{words!r} is neither a time like 2026-11-20T14:30 nor 30m, 6h or 2d"
        ) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def shown(at: int | None) -> str:
    """`2026-11-20 14:30:00Z`, or as many dashes for a time that there is not."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%SZ") if at is not None else "-" * 20
