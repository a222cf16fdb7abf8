"""Who is asking: the client's address behind our own proxies, the network that throttles count by, what it wishes."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from flask import Request


def client_address(request: Request) -> IPv4Address | IPv6Address | None:
    """The peer's address, or None over a UNIX socket. `ProxyFix` has already removed what outsiders may forge."""
    try:
        address = ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def client_network(request: Request, ipv6_bits: int = 64) -> str:
    """What one client is counted as: "192.0.2.7/32", "2001:db8:1:2::/64" (one household holds a whole /64).

    48 `ipv6_bits` count all that one customer may be given (RFC 6177), for where a few networks could do harm.
    """
    address = client_address(request)
    if address is None:
        return "unknown"
    if isinstance(address, IPv4Address):
        return f"{address}/32"
    rest = 128 - ipv6_bits
    return f"{IPv6Address(int(address) >> rest << rest)}/{ipv6_bits}"


def saves_data(request: Request) -> bool:
    """Whether the client asks for fewer bytes (`Save-Data: on`, WICG Save Data); the answer varies by it."""
    return request.headers.get("Save-Data", "").strip().lower() == "on"
