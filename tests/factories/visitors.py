"""Somebody at a browser without JavaScript: opens pages, fills in forms and sends them as the page says."""

import io
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.accounts.sessions import SignedIn
from shared.clock import now


class Form:
    """A form of a page: where it goes and what it sends when nothing is changed."""

    def __init__(self, action: str) -> None:
        self.action = action
        self.fields: dict[str, Any] = {}
        self.buttons: list[tuple[str, str]] = []

    def pressed(self) -> list[str]:
        """The values that its buttons send."""
        return [value for _, value in self.buttons]


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._inside = False
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("method") == "post"
            self.forms += [Form(given.get("action", ""))] if self._inside else []
        if not self._inside:
            return
        fields, name = self.forms[-1].fields, given.get("name", "")
        if tag == "select":
            self._select = name
            fields.setdefault(name, "")
        elif tag == "option" and self._select and "selected" in given:
            fields[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._area = name
            fields[name] = ""
        elif tag == "button":
            self.forms[-1].buttons.append((name, given.get("value", "")))
        elif tag == "input" and name and given.get("type") != "file":
            picked = given.get("type") not in ("radio", "checkbox") or "checked" in given
            if picked and name in fields:  # several checkboxes of one name
                fields[name] = [*([fields[name]] if isinstance(fields[name], str) else fields[name]), given["value"]]
            elif picked:
                fields[name] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1].fields[self._area] += data


def forms(html: str) -> list[Form]:
    """The POST forms of a page, in their order."""
    parser = _Forms()
    parser.feed(html)
    return parser.forms


class Visitor:
    """One browser with its own cookies; `page` is the answer it looks at."""

    def __init__(self, app: Flask, **environ: str) -> None:
        self.client = FlaskClient(app, app.response_class, use_cookies=True)
        self.environ = environ
        self.page: TestResponse

    def open(self, path: str, **headers: str) -> TestResponse:
        """Follow a link; redirects are followed."""
        self.page = self.client.get(path, follow_redirects=True, headers=headers)
        return self.page

    def send(self, button: str = "", form: int = 0, file: bytes = b"", **changes: Any) -> TestResponse:
        """Fill in the page's form and press a button; follows the redirect. Names with a dot go in a dict `more`."""
        found = [each for each in forms(self.page.text) if not button or button in each.pressed()][form]
        data = {**found.fields, **changes.pop("more", {}), **changes}
        if button:
            data[next(name for name, value in found.buttons if value == button)] = button
        if file:
            data["photo"] = (io.BytesIO(file), "C:\\..\\photo.jpg")
        action = found.action or urlsplit(self.page.request.url).path
        data = {name: value for name, value in data.items() if value is not None}
        self.page = self.client.post(action, data=data, follow_redirects=True)
        for answer in (*self.page.history, self.page):
            answer.request.environ["wsgi.input"].close()
        return self.page


def sign_in(visitor: Visitor, owner: int, name: str = "Anna") -> None:
    """Make the visitor's requests those of this user."""
    user = SignedIn(owner, 1, name, "anna@example.org", now())
    app = visitor.client.application
    signed_in = app.extensions.setdefault("test users", {})
    signed_in[str(owner)] = user
    app.login_manager.request_loader(lambda request: signed_in.get(request.cookies.get("session", "")))
    visitor.client.set_cookie("session", str(owner))


def end_sessions(visitor: Visitor) -> None:
    """Log everybody out who was signed in; the browsers do not know it yet."""
    visitor.client.application.extensions["test users"].clear()
