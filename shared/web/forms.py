"""What a form holds between two requests: the values as typed and what is wrong with each.

A view reads fields one by one; each read cleans the text, notes an error and gives back a value either way, so all
errors show at once. Rooms have the last word: `reject(error.fields)`. The template shows it by shared/_form.html.
"""

import re
import uuid
from collections.abc import Collection, Mapping

from flask import request
from werkzeug.datastructures import FileStorage, MultiDict

from shared.text import clean_line, clean_text

TOKEN = "form_token"
_TOKEN = re.compile(r"[0-9a-f]{32}")


class Form:
    """`Form()` for the request's POST fields, `Form({"title": ...})` to show given values."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values = request.form if values is None else values
        self.errors: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        """The value as typed, to show again; "" when there is none."""
        return self.values.get(name, "")

    def text(self, name: str, *, longest: int, required: str = "", lines: bool = False) -> str:
        """Clean text (`shared.text`). `required` is the sentence shown when it is empty; `lines` keeps line breaks."""
        value = clean_text(self[name]) if lines else clean_line(self[name])
        if len(value) > longest:
            return self._wrong(name, f"Shorten this to {longest:,} characters; it has {len(value):,}", value)
        if not value and required:
            return self._wrong(name, required, "")
        return value

    def choice(self, name: str, options: Collection[str], *, required: str = "") -> str:
        """One of `options`, or ""."""
        value = self[name]
        if value and value not in options:
            return self._wrong(name, "Choose one of the options shown", "")
        return self._wrong(name, required, "") if required and not value else value

    def chosen(self, name: str, options: Collection[str], *, required: str = "") -> list[str]:
        """Those of several checkboxes of one name that were ticked, each an option, in the order of `options`."""
        sent = self.all(name)
        if not set(sent) <= set(options):
            self._wrong(name, "Choose from the options shown", "")
        if not sent and required:
            self._wrong(name, required, "")
        return [each for each in options if each in sent]

    def all(self, name: str) -> list[str]:
        """Every value of a field that may be sent many times, to show again."""
        if isinstance(self.values, MultiDict):
            return self.values.getlist(name)
        return [self[name]] if self[name] else []

    def ticked(self, name: str) -> bool:
        """Whether a checkbox was sent."""
        return name in self.values

    def secret(self, name: str, *, required: str) -> str:
        """A password exactly as typed: not trimmed, not normalised, never shown again."""
        value = self[name]
        return value or self._wrong(name, required, "")

    def file(self, name: str) -> FileStorage | None:
        """An uploaded file, None when the field was left empty. Its `filename` is the sender's: never store it."""
        upload = request.files.get(name)
        return upload if upload and upload.filename else None

    @property
    def token(self) -> str:
        """The one-time token to put in the form: the one sent, so that a corrected form stays the same form."""
        sent = self[TOKEN]
        return sent if _TOKEN.fullmatch(sent) else uuid.uuid4().hex

    def one_time_token(self) -> str:
        """The token that came with the form, to be redeemed once; "" with an error noted when it is none of ours."""
        sent = self[TOKEN]
        if _TOKEN.fullmatch(sent):
            return sent
        return self._wrong("", "This form is out of date. Please send it once more.", "")

    def reject(self, fields: Mapping[str, str]) -> None:
        """Add a room's objections (`Invalid.fields`); the first one about a field stays."""
        for name, words in fields.items():
            self.errors.setdefault(name, words)

    def _wrong(self, name: str, words: str, value: str) -> str:
        if words:
            self.errors.setdefault(name, words)
        return value
