"""Which addresses are loopback, and which are on the public internet. Imports neither Scrapy nor Twisted."""

from __future__ import annotations

import ipaddress

_ALSO_SPECIAL = tuple(  # of the IANA registries; with them every form of IPv6 address that wraps an IPv4 one
    ipaddress.ip_network(block)
    for block in (
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100:0:0:1::/64", "2001::/23", "2002::/16",
        "3fff::/20", "5f00::/16", "fec0::/10", "192.0.0.0/24", "192.88.99.0/24",
    )
)  # fmt: skip


def is_loopback(host: str) -> bool:
    """Say whether *host*, a name or an address without brackets, is ``localhost`` or a loopback address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_public(address: str) -> bool:
    """Say whether *address* is a unicast address of the public internet (IANA special-purpose registries).

    An IPv6 address that stands for an IPv4 one (mapped, NAT64, 6to4, Teredo) never is.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    special = any(ip in block for block in _ALSO_SPECIAL if block.version == ip.version)
    return ip.is_global and not ip.is_multicast and not special
