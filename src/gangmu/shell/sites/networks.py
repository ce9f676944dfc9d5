"""Lists of networks, as settings give them, and addresses, as proxies write them."""

import ipaddress
import re
from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
CLIENT_CERTIFICATE = "gangmu.client_certificate"  # in the environment of a request to our own listener: PEM, or nothing
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def read_networks(text: str, setting: str) -> tuple[Network, ...]:
    """The networks of a setting: addresses and CIDR blocks with commas between them.

    Raises:
        ValueError: one of them is neither; the message names the setting.
    """
    found = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        try:
            found.append(ipaddress.ip_network(part))
        except ValueError as problem:
            raise ValueError(
                f"{setting}: “{part}” is no network ({problem}). Write addresses or blocks such as 10.1.0.0/16, with "
                f"commas between them. （{setting}：“{part}”不是网络，请写地址或网段，用逗号分隔。）"
            ) from None
    return tuple(found)


def read_address(text: str) -> Address | None:
    """An address, with or without a port; IPv4 written as IPv6 is IPv4. None for anything else."""
    without_port = re.sub(r":\d{1,5}$", "", text)
    for candidate in (text, without_port, without_port.strip("[]")):
        try:
            address = ipaddress.ip_address(candidate)
        except ValueError:
            continue
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return mapped or address
    return None


def is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine and nothing else."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
