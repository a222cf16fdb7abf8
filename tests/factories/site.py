"""The public site over a fleet, as its visitors meet it."""

from pathlib import Path

from flask.testing import FlaskClient

from public_app import create_app
from tests.factories.settings import settings


def public_site(var: Path) -> FlaskClient:
    """A visitor's client; the current fleet holds the data."""
    return create_app(settings(var), testing=True).test_client()
