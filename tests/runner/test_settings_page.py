"""docs/settings.md and the settings are the same list."""

import re
from dataclasses import fields

from shared.config import PREFIX, ROOT, Settings


def test_every_setting_is_on_the_page_and_nothing_else():
    page = set(re.findall(r"^\| `(STEVESLIST_\w+)`", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE))
    assert page - {f"{PREFIX}VENV"} == {PREFIX + field.name.upper() for field in fields(Settings)}
