"""The record as it comes, to syslog servers outside: RFC 5424 over UDP, TCP (RFC 6587) and TLS (RFC 5425)."""

from gangmu.foundation.records.syslog.following import Follower, adopt_environment, follow
from gangmu.foundation.records.syslog.lines import Address, Line, Unreachable, read_address
from gangmu.foundation.records.syslog.messages import Told, message

__all__ = [
    "Address",
    "Follower",
    "Line",
    "Told",
    "Unreachable",
    "adopt_environment",
    "follow",
    "message",
    "read_address",
]
