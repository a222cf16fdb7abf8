"""Every address of the public site is on a list of what strangers may see, or turns them away."""

from pathlib import Path

import pytest
from werkzeug.routing import Rule

from shared.sharding import Fleet
from tests.factories.site import public_site

# For everybody.
PUBLIC_ROOMS = {"browse", "feeds", "health", "mailbox", "photos", "search", "sellers", "seo"}
PUBLIC = {
    "accounts.ask_confirmation",
    "accounts.confirmation_sent",
    "accounts.ask_reset",
    "accounts.confirm",
    "accounts.confirm_email",
    "accounts.login",
    "accounts.logout",
    "accounts.reset",
    "accounts.reset_sent",
    "accounts.signup",
    "accounts.signup_sent",
    "complaints.listing",
    "listings.expiring",
    "alerts.by_link",
    "alerts.new",
    "alerts.sent",
    "listings.listing",
    "listings.open_link",
    "listings.photo",
    "listings.start",
    "listings.start_draft",
    "listings.use_link",
    "preferences.arrived",
    "preferences.by_link",
    "preferences.unsubscribe",
    "webhooks.guide",
}
# For the seller, who may have no account but a link: to anybody else there is no such listing.
SELLERS = {
    "listings.act",
    "listings.category",
    "listings.change_photo",
    "listings.delete",
    "listings.edit",
    "listings.manage",
    "listings.photos",
    "listings.preview",
    "listings.publish",
    "listings.save",
    "listings.sent",
    "listings.upload",
}


@pytest.fixture
def site(fleet: Fleet, tmp_path: Path):
    return public_site(tmp_path)


def test_the_lists_name_only_what_exists(site) -> None:
    known = {rule.endpoint for rule in site.application.url_map.iter_rules()}
    assert (PUBLIC | SELLERS) - known == set()
    assert {endpoint.partition(".")[0] for endpoint in known} >= PUBLIC_ROOMS


def test_strangers_are_turned_away_from_everything_else(site) -> None:
    wrong = []
    for rule in site.application.url_map.iter_rules():
        if rule.endpoint in PUBLIC or rule.endpoint.partition(".")[0] in PUBLIC_ROOMS:
            continue
        for method in (rule.methods or set()) & {"GET", "POST"}:
            answer = site.open(_path(rule), method=method)
            if not _turned_away(rule, method, answer.status_code, answer.headers.get("Location", "")):
                wrong.append((method, rule.rule, answer.status))
    assert wrong == []


def _turned_away(rule: Rule, method: str, status: int, location: str) -> bool:
    if method == "POST":
        # Without the token of a page that he could not open, whoever it is.
        return status == 403
    return status == 404 if rule.endpoint in SELLERS else status == 303 and location.startswith("/login")


def _path(rule: Rule) -> str:
    """An address that the rule matches, of things that do not exist."""
    values: dict[str, object] = {
        name: 1 if "Integer" in type(converter).__name__ else "x" for name, converter in rule._converters.items()
    }
    built = rule.build(values)
    assert built is not None
    return built[1]
