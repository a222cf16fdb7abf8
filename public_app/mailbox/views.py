"""The mails of the maildir, newest first. Each may hold a link that opens an account, so this is for whoever sits at
the machine, and only where the site is for him alone: see `_for_this_machine`."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState

from shared.config import LOOPBACK
from shared.errors import NotFound
from shared.gateways.mail import MaildirMailer, mailer
from shared.web import caching
from shared.web.templating import page

_MOST = 50
# The mail as its reader sees it: its own styles, nothing from anywhere else, no script, no form.
_LETTER = (
    "default-src 'none';style-src 'unsafe-inline';base-uri 'none';form-action 'none';frame-ancestors 'none';sandbox"
)
_FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")
blueprint = Blueprint("mailbox", __name__)


@blueprint.record_once
def _install(state: BlueprintSetupState) -> None:
    settings = state.app.config["SETTINGS"]
    box = mailer(settings.mail_url, settings.mail_from, settings.site_name)
    local = settings.on_loopback and settings.trusted_proxies == 0
    state.app.config["MAILBOX"] = box if local and isinstance(box, MaildirMailer) else None


@blueprint.before_request
def _for_this_machine() -> None:
    """Only in development: mail goes into a maildir, the site's address is this machine's own, and the request comes
    from here, by that address and through no proxy. A name of the internet that leads here (DNS rebinding) is refused.
    """
    here = request.remote_addr in LOOPBACK and urlsplit(f"//{request.host}").hostname in LOOPBACK
    if current_app.config["MAILBOX"] is None or not here or any(name in request.headers for name in _FORWARDED):
        raise NotFound("There is no such page.")


@blueprint.after_request
def _never_keep(response: Response) -> Response:
    return caching.no_store(response)


@blueprint.get("/dev/mail")
def newest() -> Response:
    """The newest mails."""
    return page("public/mailbox/list.html", mails=_box().messages(_MOST))


@blueprint.get("/dev/mail/<key>")
def mail(key: str) -> Response:
    """One mail: its headers and its text part, with links."""
    return page("public/mailbox/mail.html", mail=_box().message(key))


@blueprint.get("/dev/mail/<key>/html")
def html(key: str) -> Response:
    """Its HTML part by itself, under a policy of its own."""
    found = _box().message(key).html
    if found is None:
        raise NotFound("This mail is text alone.")
    response = current_app.response_class(found, mimetype="text/html")
    response.headers["Content-Security-Policy"] = _LETTER
    return response


def _box() -> MaildirMailer:
    box: MaildirMailer = current_app.config["MAILBOX"]
    return box
