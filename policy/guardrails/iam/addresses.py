"""Ranges of addresses, and whether they are anybody's."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network

_WIDEST = {4: 8, 6: 16}
"""Bits of the prefix of the widest ranges that anybody was ever given, by the version of IP."""
_PRIVATE = IPv6Network("fc00::/7")
"""Addresses of IPv6 that networks give out within themselves; those of IPv4 are in narrower ranges."""


def are_anybodys(texts: Iterable[str]) -> bool:
    """Whether the ranges among some texts are, together, wider than any that somebody has alone."""
    ranges = [found for text in texts if (found := range_of(text))]
    # Cut in two, the world is the world: what adjoins is judged as one.
    four = collapse_addresses(each for each in ranges if isinstance(each, IPv4Network))
    six = collapse_addresses(each for each in ranges if isinstance(each, IPv6Network))
    return any(each.prefixlen < _WIDEST[4] for each in four) or any(
        each.prefixlen < _WIDEST[6] and not each.subnet_of(_PRIVATE) for each in six
    )


def range_of(text: str) -> IPv4Network | IPv6Network | None:
    """The addresses that a text stands for; none if it is no address and no range of them."""
    try:
        # Like AWS, it takes 10.0.0.0/0 for 0.0.0.0/0.
        return ip_network(text, strict=False)
    except ValueError:
        return None
