"""Settings that cannot be used are refused before anything starts, by a sentence that names them."""

from pathlib import Path

import pytest

from shared.config import Settings, WrongSetting

SECRETS = {"STEVESLIST_SECRET_KEY": "s" * 32, "STEVESLIST_ID_KEY": "i" * 32}


def load(root: Path, **given: str) -> Settings:
    return Settings.from_environment({**SECRETS, **given}, root)


@pytest.mark.parametrize("name", ["STEVESLIST_ALLOCATION", "STEVESLIST_MAIL_FROM", "STEVESLIST_BLOB_URL"])
@pytest.mark.parametrize(
    "value", ["nonsense", "range:u9", "range:c1", "own:", "https://u1", "a@b@c", "A <a@b.example>"]
)
def test_a_setting_of_the_wrong_form_stops_the_start(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(WrongSetting, match=f"^The setting {name} is '{value}'; it must be "):
        load(tmp_path, **{name: value})


@pytest.mark.parametrize(
    "value", ["foo:hush", "user:hush@mail.example", "smtp:hush", "smtp://u:hush@h:99999", "smtp://u:hush@", "maildir:"]
)
def test_a_mail_server_of_the_wrong_form_stops_the_start_and_its_password_is_not_shown(
    tmp_path: Path, value: str
) -> None:
    with pytest.raises(WrongSetting, match="^The setting STEVESLIST_MAIL_URL must be like smtp://") as refused:
        load(tmp_path, STEVESLIST_MAIL_URL=value)
    assert "hush" not in refused.value.message


@pytest.mark.parametrize("url", ["smtp://u:p@mail.example:587", "smtps://[::1]", "smtp://h?tls=none", "maildir:/m"])
def test_every_way_of_mail_is_accepted(tmp_path: Path, url: str) -> None:
    assert load(tmp_path, STEVESLIST_MAIL_URL=url).mail_url == url


@pytest.mark.parametrize("policy", ["random", "weighted", "range:u1", "own:u2"])
def test_every_allocation_is_accepted(tmp_path: Path, policy: str) -> None:
    assert load(tmp_path, STEVESLIST_ALLOCATION=policy).allocation == policy


def test_without_any_setting_all_is_well(tmp_path: Path) -> None:
    settings = load(tmp_path, STEVESLIST_PUBLIC_URL="https://market.example")
    assert settings.mail_from == "noreply@market.example"
    assert settings.blob_url == f"file:{tmp_path}/var/blobs"
    assert settings.lmtp_bind is None
    assert settings.streams_bind == f"unix:{tmp_path}/var/run/streams.sock"


@pytest.mark.parametrize("name", ["STEVESLIST_LMTP_BIND", "STEVESLIST_STREAMS_BIND"])
@pytest.mark.parametrize(
    "value", ["0.0.0.0:2424", "192.0.2.1:24", "[::]:24", "mail.example:24", "2424", "unix:" + "x" * 108]
)
def test_what_trusts_whoever_connects_listens_to_this_machine_alone(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(WrongSetting, match=f"^The setting {name} is '"):
        load(tmp_path, **{name: value})


@pytest.mark.parametrize("value", ["127.0.0.1:2424", "localhost:24", "[::1]:24", "unix:/run/lmtp.sock"])
def test_every_address_of_this_machine_is_accepted(tmp_path: Path, value: str) -> None:
    settings = load(tmp_path, STEVESLIST_LMTP_BIND=value, STEVESLIST_STREAMS_BIND=value)
    assert (settings.lmtp_bind, settings.streams_bind) == (value, value)
