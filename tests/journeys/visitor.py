"""Somebody who visits the site by plain HTTP: keeps cookies, reads forms and sends them, from a network of his own."""

import http.client
import itertools
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

from tests.journeys.site import Site

Fields = Sequence[tuple[str, str | bytes]]
_ADDRESSES = itertools.count(1)
_LINK = re.compile(r'href="([^"]*)"')


@dataclass
class Form:
    """A form as a browser would send it untouched; `files` are the names of its file fields."""

    action: str
    method: str = "get"
    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    # Of each button (name, value); ("", "") sends nothing of its own.
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def filled(self, values: Mapping[str, str | bytes]) -> list[tuple[str, str | bytes]]:
        """The fields with `values` in place of what stood there, or beside it."""
        kept: list[tuple[str, str | bytes]] = [pair for pair in self.fields if pair[0] not in values]
        return kept + list(values.items())


@dataclass(frozen=True)
class Reply:
    """What came back. `path` is what was asked for."""

    path: str
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def is_page(self) -> bool:
        return self.headers.get_content_type() == "text/html"

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    @property
    def links(self) -> list[str]:
        return [link.replace("&amp;", "&") for link in _LINK.findall(self.text)]

    def forms(self) -> list[Form]:
        reader = _FormReader(self.path)
        reader.feed(self.text)
        return reader.forms

    def form(self, name: str = "csrf_token") -> Form:
        """The last form that has a field or a button of this name: the page's own one, not the header's."""
        having = [form for form in self.forms() if name in dict([*form.fields, *form.buttons]) or name in form.files]
        assert having, f"{self.path} ({self.status}) has no form with {name!r}:\n{self.text}"
        return having[-1]


class Visitor:
    """One browser's worth of cookies. Redirects are not followed."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.cookies: dict[str, str] = {}
        number = next(_ADDRESSES)
        self.address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"

    def get(self, path: str, **headers: str) -> Reply:
        """Ask for a page; headers by name with _ for -."""
        return self.send("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, fields: Fields, files: Sequence[tuple[str, str, bytes]] = ()) -> Reply:
        """Send fields, and files as (name, file name, contents)."""
        if not files:
            return self.send("POST", path, urlencode(fields).encode(), "application/x-www-form-urlencoded")
        boundary = uuid.uuid4().hex
        return self.send("POST", path, _multipart(fields, files, boundary), f"multipart/form-data; boundary={boundary}")

    def submit(self, page: Reply, form: Form | None = None, /, **values: str) -> Reply:
        """Send a form of a page, filled in and pressing its first button."""
        form = form or page.form()
        button = [form.buttons[0]] if form.buttons and form.buttons[0][0] and form.buttons[0][0] not in values else []
        fields = [*form.filled(values), *button]
        if form.method == "get":
            return self.get(f"{form.action}?{urlencode(fields)}")
        return self.post(form.action, fields, [(name, "", b"") for name in form.files])

    def log_in(self, email: str, password: str) -> "Visitor":
        """Log in by the form."""
        reply = self.submit(self.get("/login"), email=email, password=password)
        assert reply.status == 303, reply.text
        return self

    def send(
        self, method: str, path: str, body: bytes = b"", media_type: str = "", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a request as it is. A server that hangs up while a long body is still being sent may have answered."""
        connection = http.client.HTTPConnection(urlsplit(self.site.url).netloc, timeout=30)
        sent = {"X-Forwarded-For": self.address, **(headers or {})}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if media_type:
            sent["Content-Type"] = media_type
        try:
            _request(connection, method, path, body, sent)
            response = connection.getresponse()
            reply = Reply(path, response.status, response.headers, response.read())
        finally:
            connection.close()
        self._keep_cookies(reply)
        return reply

    def _keep_cookies(self, reply: Reply) -> None:
        for line in reply.headers.get_all("Set-Cookie", []):
            name, _, rest = line.partition("=")
            value, _, attributes = rest.partition(";")
            if "max-age=0" in attributes.lower():
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value


def _request(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes, headers: Mapping[str, str]
) -> None:
    try:
        connection.request(method, path, body or None, dict(headers))
    except (BrokenPipeError, ConnectionResetError):
        if not connection.sock:
            raise


def _multipart(fields: Fields, files: Sequence[tuple[str, str, bytes]], boundary: str) -> bytes:
    parts = []
    for name, value in fields:
        raw = value if isinstance(value, bytes) else value.encode()
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + raw + b"\r\n")
    for name, file_name, contents in files:
        quoted = file_name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{quoted}"\r\n'
        parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + contents + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode()


class _FormReader(HTMLParser):
    """Collects forms with the values that a browser would send."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._path = path
        self._form: Form | None = None
        self._select: tuple[str, str | None] | None = None
        self._textarea = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._form = Form(said.get("action") or self._path, said.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None:
            self._control(tag, said)

    def _control(self, tag: str, said: dict[str, str]) -> None:
        assert self._form is not None
        name, value, kind = said.get("name", ""), said.get("value", ""), said.get("type", "text")
        if tag == "button" or (tag == "input" and kind == "submit"):
            self._form.buttons.append((name, value))
        elif tag == "input" and kind == "file":
            self._form.files.append(name)
        elif tag == "input" and (kind not in ("checkbox", "radio") or "checked" in said):
            self._form.fields.append((name, value))
        elif tag == "select":
            self._select = (name, None)
        elif tag == "option" and self._select and (self._select[1] is None or "selected" in said):
            self._select = (self._select[0], value)
        elif tag == "textarea":
            self._textarea = name
            self._form.fields.append((name, ""))

    def handle_data(self, data: str) -> None:
        if self._textarea and self._form:
            name, value = self._form.fields[-1]
            self._form.fields[-1] = (name, value + (data.removeprefix("\n") if not value else data))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select" and self._form and self._select:
            self._form.fields.append((self._select[0], self._select[1] or ""))
            self._select = None
        elif tag == "textarea":
            self._textarea = ""
