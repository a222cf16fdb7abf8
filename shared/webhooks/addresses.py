"""Where webhooks may go: what an endpoint's URL may say, and which addresses are never connected to.

The ranges are the union of what smokescreen (Stripe) and Svix refuse, written out because `ipaddress.is_global` of
Python 3.11 lets several of them pass (multicast, NAT64, 6to4, and IPv4 embedded in IPv6).
"""

import ipaddress
import re
from urllib.parse import quote, urlsplit

from shared.errors import Invalid
from shared.webhooks import policy

URL_LONGEST = 2000
PORTS = {"http": 80, "https": 443}
DENIED = tuple(
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
            "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        ),
    )
)  # fmt: skip
_LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
_UNFIT = re.compile(r"[\x00-\x20\x7f\\]")
# Python's codec is IDNA 2003, which makes "ss" of a sharp s and so on; registries keep them apart (RFC 5894, 7.2).
_TWO_MEANINGS = frozenset("\u00df\u03c2\u200c\u200d")
# A label of a host name as it goes over the wire (RFC 1123, with the underscore that some use).
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")

# What stays of a path and a query as it was typed (RFC 3986); all else goes over the wire in percent signs.
_AS_IT_IS = "/?:@!$&'()*+,;=%~"


def denied(address: str, *, loopback: bool = False) -> bool:
    """Whether nothing may be sent to this IP address. With `loopback`, this machine's own is let through and no other.

    An IPv6 address may carry a zone ("fe80::1%eth0"), which changes nothing.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if loopback and any(ip in network for network in _LOOPBACK):
        return False
    return any(ip in network for network in DENIED)


def check_url(url: str) -> str:
    """The URL as it is kept, its host in its wire form. Raises Invalid (about `url`).

    Nothing is resolved here: what a name stands for is checked each time it is connected to.
    """
    url = url.strip()
    if len(url) > URL_LONGEST or _UNFIT.search(url):
        raise _wrong("Enter a web address without spaces, of at most 2,000 characters")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _wrong("Enter a web address such as https://example.com/webhooks") from None
    if parts.scheme not in PORTS or not host:
        raise _wrong("Enter a web address that begins with https:// or http://")
    if "@" in parts.netloc:
        raise _wrong("Leave out the user name and password: the signature proves who is calling")
    if "#" in url:
        raise _wrong("Leave out the part behind #: it is never sent")
    loopback = policy.current().loopback
    if port not in (None, PORTS[parts.scheme]) and not loopback:
        raise _wrong(f"Use the usual port: {PORTS[parts.scheme]} for {parts.scheme}")
    wire = _host(host, loopback=loopback)
    where = f"{wire}:{port}" if port else wire
    query = f"?{quote(parts.query, _AS_IT_IS)}" if parts.query else ""
    kept = f"{parts.scheme}://{where}{quote(parts.path, _AS_IT_IS) or '/'}{query}"
    if len(kept) > URL_LONGEST:
        raise _wrong(f"Shorten this: with its special characters written out it has {len(kept):,} of at most 2,000")
    return kept


def _host(host: str, *, loopback: bool) -> str:
    try:
        refused = "%" in host or denied(host, loopback=loopback)
    except ValueError:
        return _name(host)
    if refused:
        raise _wrong("This address is not one of the public internet")
    return f"[{host}]" if ":" in host else host


def _name(host: str) -> str:
    """A host name in its wire form. A last label of digits would be a number that resolvers take for an address."""
    if not _TWO_MEANINGS.isdisjoint(host.lower()):
        raise _wrong("Write the host name as it is registered, with xn--: its letters have more than one meaning")
    try:
        wire = host.lower().encode("idna").decode() if not host.isascii() else host.lower()
    except UnicodeError:
        raise _wrong("The host name has characters that no host name can have") from None
    labels = wire.removesuffix(".").split(".")
    if len(wire) > 253 or not all(map(_LABEL.fullmatch, labels)) or re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        raise _wrong("The host name is not one that can exist")
    return wire


def _wrong(words: str) -> Invalid:
    return Invalid({"url": words})
