"""After the whole tour of the site, nothing that its processes wrote holds a password or a link's token."""

import re

from jobs.cli.demo import PASSWORD as DEMO_PASSWORD
from tests.journeys.pages import PASSWORD, Street
from tests.journeys.site import Site


def test_nothing_secret_is_in_what_the_processes_wrote(site: Site, street: Street) -> None:
    tokens = {token for mail in site.maildir.messages(500) for token in _tokens(site, mail.text)}
    cookies = {
        value for shown in street.pages.values() for name, value in shown.visitor.cookies.items() if name == "session"
    }
    assert len(tokens) >= 2
    assert cookies
    signing = re.findall(r"whsec_([^<]{44})<", street.pages["webhook: added"].reply.text)
    assert len(signing) == 1
    secrets = [PASSWORD, DEMO_PASSWORD, "not this one", *tokens, *cookies, *signing]
    written = [
        site.said,
        *(path for path in site.var.rglob("*") if path.is_file() and not _kept(path.relative_to(site.var).parts)),
    ]
    found = [f"{path}: {secret}" for path in written for secret in secrets if secret.encode() in path.read_bytes()]
    assert found == []


def _tokens(site: Site, text: str) -> list[str]:
    """The last part of every mailed link that is long enough to be a secret."""
    return [
        part for link in re.findall(re.escape(site.url) + r"\S+", text) for part in re.findall(r"[\w-]{24,}$", link)
    ]


def _kept(parts: tuple[str, ...]) -> bool:
    """The mailbox is where links belong; sockets and pictures are not read."""
    return parts[0] in ("mail", "blobs", "secrets")
