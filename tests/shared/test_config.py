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
