"""The room's blueprint, and who is signed in on each request."""

from flask import Blueprint, Flask, Request, Response
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as BaseResponse

from shared import accounts
from shared.web import caching, cookies, csrf

blueprint = Blueprint("accounts", __name__)
_COOKIE_SECONDS = 180 * 86_400


@blueprint.record_once
def _install(state: BlueprintSetupState) -> None:
    recognise(state.app)


def recognise(app: Flask) -> None:
    """Have `app` know by the session's cookie who is signed in."""
    accounts.configure(app.config["SETTINGS"])
    app.login_manager.request_loader(_signed_in)  # type: ignore[attr-defined]


def _signed_in(_request: Request) -> accounts.SignedIn | None:
    cookie = cookies.read(csrf.SESSION)
    return accounts.load_session(cookie) if cookie else None


def sign_in(response: BaseResponse, cookie: str) -> BaseResponse:
    """Have the browser keep its new session."""
    cookies.write(response, csrf.SESSION, cookie, _COOKIE_SECONDS)
    return response


def sign_out(response: Response) -> Response:
    """Have the browser forget its session, and everything that it keeps of the pages seen in it."""
    cookies.erase(response, csrf.SESSION)
    # Not "cookies": that would also take what a guest manages his listings by.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@blueprint.after_request
def _never_keep(response: Response) -> Response:
    return caching.no_store(response)
