"""No webhook reaches the inside: every range of the deny list at its edges, and every way of writing an address."""

import ipaddress

import pytest

from shared.errors import Invalid
from shared.webhooks import check_url, denied
from shared.webhooks.addresses import DENIED
from tests.factories import webhooks as factory

# docs/adr/0053: the union of what smokescreen and Svix refuse.
_RANGES = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4", "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
    "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _policy() -> None:
    factory.configure()


def test_the_list_is_the_documented_one():
    assert sorted(map(str, DENIED)) == sorted(_RANGES)


@pytest.mark.parametrize("network", [ipaddress.ip_network(text) for text in _RANGES], ids=str)
def test_the_first_and_the_last_address_of_a_range_are_refused(network):
    for address in (network[0], network[-1], network[network.num_addresses // 2]):
        assert denied(str(address))
        host = f"[{address}]" if address.version == 6 else str(address)
        with pytest.raises(Invalid):
            check_url(f"https://{host}/hooks")


@pytest.mark.parametrize("network", [ipaddress.ip_network(text) for text in _RANGES], ids=str)
def test_the_neighbours_of_a_range_are_let_through_unless_they_are_in_another(network):
    for neighbour in (int(network[0]) - 1, int(network[-1]) + 1):
        if not 0 <= neighbour < 2**network.max_prefixlen:
            continue
        address = type(network[0])(neighbour)
        elsewhere = any(
            address in other for other in map(ipaddress.ip_network, _RANGES) if other.version == address.version
        )
        assert denied(str(address)) is elsewhere


@pytest.mark.parametrize(
    "address", ["::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "fe80::1%eth0", "2001:0:1::1"]
)
def test_ipv4_inside_ipv6_and_zones_hide_nothing(address):
    assert denied(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:830::200e"])
def test_public_addresses_are_let_through(address):
    assert not denied(address)


def test_the_development_setting_lets_loopback_through_and_nothing_else():
    for address in ("127.0.0.1", "127.9.9.9", "::1"):
        assert not denied(address, loopback=True)
    for address in ("10.0.0.1", "169.254.169.254", "0.0.0.0", "::ffff:127.0.0.1", "::2", "fe80::1"):
        assert denied(address, loopback=True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "seller.example/hooks",
        "ftp://seller.example/",
        "file:///etc/passwd",
        "gopher://seller.example/",
        "http://",
        "https://user:password@seller.example/",
        "https://seller.example@127.0.0.1/",
        "https://seller.example/#part",
        "https://seller.example:8443/",
        "http://seller.example:443/",
        "https://seller.example:99999/",
        "http://seller.example:6379/",
        "https://seller.example/a b",
        "https://seller.example\\@127.0.0.1/",
        "https://seller.example/\r\nHost: x",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://0/",
        "http://[::1]/",
        "http://[::ffff:7f00:1]/",
        "http://[fe80::1%25eth0]/",
        "https://-x.example/",
        "https://x..example/",
        f"https://{'a' * 64}.example/",
        f"https://seller.example/{'a' * 2000}",
        f"https://seller.example/{'ü' * 400}",
        f"https://seller.example/?{'🚲' * 170}",
        "https://[2606:4700:4700::1111%25eth0]/",
        "https://[2606:4700:4700::1111%eth0]/",
        "https://[::ffff:93.184.215.14]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://seller.example:0/",
        "https://seller.example:-1/",
        "https://127。0。0。1/",
        "https://１２７.0.0.1/",
        "https://①②⑦.0.0.1/",
        "https://straße.example/",
        "https://βόλος.example/",
        "https://℀.example/",
    ],
)
def test_urls_that_are_refused_when_they_are_entered(url):
    with pytest.raises(Invalid):
        check_url(url)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://Seller.Example/Hooks", "https://seller.example/Hooks"),
        ("  https://seller.example  ", "https://seller.example/"),
        ("https://seller.example:443/", "https://seller.example:443/"),
        ("http://seller.example/?key=a%20b&c", "http://seller.example/?key=a%20b&c"),
        ("https://[2606:4700:4700::1111]/", "https://[2606:4700:4700::1111]/"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
        ("https://xn--strae-oqa.example/", "https://xn--strae-oqa.example/"),
        (f"https://seller.example/{'a' * 1977}", f"https://seller.example/{'a' * 1977}"),
    ],
)
def test_urls_that_are_kept(url, kept):
    assert check_url(url) == kept


def test_in_development_this_machine_and_any_port_may_be_entered():
    factory.configure(loopback=True)
    assert check_url("http://127.0.0.1:9000/hooks") == "http://127.0.0.1:9000/hooks"
    assert check_url("http://localhost:9000/") == "http://localhost:9000/"
    with pytest.raises(Invalid):
        check_url("http://10.0.0.1:9000/")
