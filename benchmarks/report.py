"""docs/performance.md: one section for each bench, replaced when that bench runs again."""

import os
import platform
import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
_HEAD = """# Performance

Every figure here was printed by `python3 run.py bench NAME` on the machine named beside it. Absolute times only give a
scale: what counts are ratios within one run.
"""


def write(name: str, text: str) -> None:
    """Make `text` (Markdown without a heading of its own) the section of bench `name`."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else _HEAD
    section = f"<!-- bench {name} -->\n## `bench {name}`\n\n{text.strip()}\n\n{machine()}\n<!-- end {name} -->\n"
    pattern = re.compile(rf"<!-- bench {name} -->.*?<!-- end {name} -->\n", re.S)
    page = pattern.sub(lambda _: section, page) if pattern.search(page) else f"{page.rstrip()}\n\n{section}"
    PAGE.write_text(page, encoding="utf-8")


def machine() -> str:
    """Where this was measured, in a sentence."""
    cores = f"{os.cpu_count()} cores ({platform.machine()})"
    return f"Measured on {cores}, {platform.system()}, Python {platform.python_version()}."


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table, its columns aligned for readers of the source too."""
    widths = [max(len(row[at]) for row in [head, *rows]) for at in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in [head, *rows]
    ]
    rule = "| " + " | ".join("-" * width for width in widths) + " |"
    return "\n".join([lines[0], rule, *lines[1:]])
