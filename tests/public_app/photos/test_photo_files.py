"""Photo files: kept for ever by caches, harmless wherever they are opened, and nothing else is served."""

import pytest

from shared.gateways.blobs import blobs
from tests.factories.site import public_site

NAME = f"{'0123456789abcdef' * 2}-160.jpg"


@pytest.fixture
def client(fleet, tmp_path):
    blobs(f"file:{tmp_path}/blobs").put(NAME, b"\xff\xd8\xff photo", "image/jpeg")
    return public_site(tmp_path)


def test_a_file_is_kept_for_ever_and_can_do_nothing(client):
    with client.get(f"/photos/{NAME}") as answer:
        assert answer.data == b"\xff\xd8\xff photo"
        assert (answer.mimetype, answer.content_length) == ("image/jpeg", 9)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers
        tag = answer.headers["ETag"]
    with client.get(f"/photos/{NAME}", headers={"If-None-Match": tag}) as again:
        assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "name",
    [
        NAME.replace("0", "f"),
        NAME.upper(),
        "..%2f..%2fdirectory.sqlite",
        "../blobs",
        "%00",
        "x.jpg",
        NAME + ".part",
        NAME.replace("jpg", "svg"),
        "." + NAME,
    ],
)
def test_any_other_name_is_refused(client, name):
    with client.get(f"/photos/{name}") as answer:
        assert answer.status_code in (400, 404)
