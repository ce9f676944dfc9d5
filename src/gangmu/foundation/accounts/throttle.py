"""How often somebody may try. Shared by all processes, and standing although a request rolls back.

Names are counted whether an account of that name exists or not, and only their keyed hash is kept: people type
passwords into the field for names.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.crypto import salted_hmac

from gangmu.foundation.accounts.models import Policy
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.aside import Aside

CAPTCHA_AFTER_OF_ADDRESS = 10
MEANS = ("account", "second", "passkey")  # by what attempts are counted apart

_aside = Aside()
counted = False  # whether this process has counted anything, for tests to clean up after


@dataclass(frozen=True)
class Standing:
    """How things stand with a name at an address."""

    wait: int  # seconds until the next attempt
    failures: int
    of_address: int
    captcha_after: int = 2  # failures with one name

    @property
    def needs_captcha(self) -> bool:
        return self.failures >= self.captcha_after or self.of_address >= CAPTCHA_AFTER_OF_ADDRESS


def masked(name: str) -> str:
    """What may be written down of something that was typed as a user name: the same for the same, and no more."""
    return salted_hmac("gangmu.accounts.typed", name.strip().casefold()[:300], algorithm="sha256").hexdigest()


def account_key(name: str, means: str = "account") -> str:
    """By what attempts with a name are counted."""
    return f"{means}:{masked(name)}"


def keys_of(user_id: int, username: str, entries: Iterable[tuple[str, str]] = ()) -> list[str]:
    """By what attempts with an account are counted; `entries` are (directory, login) that stand for it."""
    keys = [account_key(str(user_id) if means == "passkey" else username, means) for means in MEANS]
    return keys + [account_key(f"{directory}:{login}", "directory") for directory, login in entries]


def address_key(address: str) -> str:
    """By what attempts from an address are counted: of IPv6 by its network, of which one person has all addresses."""
    try:
        one = ipaddress.ip_address(address)
    except ValueError:
        return "address:?"
    if isinstance(one, ipaddress.IPv6Address):
        one = ipaddress.ip_network((one, 64), strict=False).network_address
    return f"address:{one}"


def standing(account: str, address: str) -> Standing:
    """How things stand; counts nothing."""
    values = [account, address_key(address), clock.now()]
    [row] = _aside.ask("SELECT wait, failures, of_address FROM accounts_standing(%s, %s, %s)", values)
    wait, failures, of_address = row
    return Standing(wait, failures, of_address, Policy.of().captcha_after)


def attempt(account: str, address: str) -> int:
    """Count an attempt before it is judged. The seconds to wait when it may not be made; 0 when it may."""
    global counted  # noqa: PLW0603
    counted = True
    values = [account, address_key(address), clock.now()]
    return _aside.ask("SELECT accounts_attempt(%s, %s, %s)", values)[0][0]


def forgive(account: str, address: str) -> None:
    """The attempt was right."""
    _aside.ask("SELECT accounts_forgive(%s, %s, %s)", [account, address_key(address), clock.now()])


def forget_all() -> None:
    """Forget every attempt of everybody. Needs the right to write the table, which no page has."""
    _aside.ask("DELETE FROM accounts_throttle", [])
