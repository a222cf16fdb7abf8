"""What people write is shown as text: no markup, no script, no reordering, no address in disguise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web.filters import age_in_words, ago, date, moment, number
from shared.web.plain_text import link, one_line, paragraphs


def test_address_becomes_a_link_that_passes_on_nothing() -> None:
    html = paragraphs("See https://example.org/a?b=1&c=2.\nSecond line\n\nSecond paragraph")
    assert '<a href="https://example.org/a?b=1&amp;c=2" rel="nofollow ugc noopener">' in html
    assert "</a>.<br>" in html
    assert html.count("<p ") == 2


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "javascript:alert(1)",
        'https://a.example/"onmouseover="alert(1)',
        "http://user:pass@evil.example/",
        "http://localhost/",
        "https://[::1/",
        "data:text/html,x",
    ],
)
def test_markup_and_unsafe_addresses_stay_text(text: str) -> None:
    html = paragraphs(text)
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert 'onmouseover="' not in html
    assert 'user:pass@evil.example/"' not in html


@pytest.mark.parametrize("host", ["xn--pypal-4ve.com", "xn--80ak6aa92e.com"])
def test_lookalike_domain_is_shown_in_punycode(host: str) -> None:
    assert host in link(f"https://{host.encode().decode('idna')}/")


def test_honest_foreign_domain_is_shown_as_written() -> None:
    assert "https://münchen.example/" in link("https://münchen.example/")
    assert "https://例え.example/" in link("https://例え.example/")


def test_direction_overrides_are_dropped_and_foreign_text_is_isolated() -> None:
    assert one_line("plain & simple") == "plain &amp; simple"
    assert one_line("gpj.\u202eexe") == "<bdi>gpj.exe</bdi>"
    assert "\u202e" not in paragraphs("a\u202eb")


@given(st.text(max_size=200))
def test_no_text_yields_another_tag(text: str) -> None:
    html = str(paragraphs(text))
    for tag in ('<p dir="auto">', "</p>", "<br>", "</a>"):
        html = html.replace(tag, "")
    rest = html.split("<a href=")
    assert all("<" not in part.partition(">")[2] and part.startswith('"http') for part in rest[1:])
    assert "<" not in rest[0]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 min ago"),
        (7199, "1 h ago"),
        (86400, "yesterday"),
        (3 * 86400, "3 days ago"),
    ],
)
def test_age_is_told_in_its_largest_unit(seconds: int, words: str) -> None:
    assert age_in_words(seconds) == words


def test_a_moment_is_told_to_the_second() -> None:
    assert moment(90_061) == '<time datetime="1970-01-02T01:01:01Z">2 January 1970, 01:01:01 UTC</time>'


def test_old_times_are_dates() -> None:
    assert ago(0) == date(0) == '<time datetime="1970-01-01">1 January 1970</time>'
    assert number(1234567) == "1,234,567"
