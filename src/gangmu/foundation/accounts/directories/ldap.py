"""Asking an LDAP directory: find the entry of a name, then bind as that entry with the password that was typed.

A connection is encrypted and the server's certificate verified before anything is said; without TLS on loopback alone.
Referrals are not followed: a password goes to no server but those that were named.
"""

import secrets
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import ldap3
from ldap3.core.exceptions import LDAPException, LDAPInvalidCredentialsResult, LDAPOperationResult
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import escape_rdn

from gangmu.foundation.accounts.directories.options import NAME, Ldap

PATIENCE = 5  # seconds for one answer
LONGEST_NAME = 64
BINARY = ("objectguid",)


class Away(Exception):
    """The directory cannot be asked, or not as it is set: `why` is for the record and for operators."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why[:300]


class Ambiguous(Exception):
    """A name belongs to several entries."""


@dataclass(frozen=True)
class Entry:
    """What a directory says of somebody."""

    dn: str
    subject: str  # the id that never changes
    login: str
    name: str
    mail: str
    disabled: bool


class _Verified(ldap3.Tls):
    """TLS 1.2 and newer; the certificate is verified, and belongs to the host that was asked."""

    def __init__(self, ca: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self.ca = ca

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        context = ssl.create_default_context(cafile=self.ca or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        connection.socket = context.wrap_socket(connection.socket, server_hostname=connection.server.host)


class Session:
    """One conversation with a directory, as the product itself."""

    def __init__(self, options: Ldap, secret: str) -> None:
        self.options = options
        self._connection = self._first_that_answers(secret)

    def _first_that_answers(self, secret: str) -> ldap3.Connection:
        problems = []
        for address in self.options.addresses:
            try:
                return self._bound(address, self.options.bind_dn, secret)
            except (LDAPException, OSError) as problem:
                problems.append(f"{address}: {problem}")
        raise Away("; ".join(problems))

    def _bound(self, address: str, dn: str, password: str) -> ldap3.Connection:
        parts = urlsplit(address)
        server = ldap3.Server(
            parts.hostname or "",
            port=parts.port,
            use_ssl=parts.scheme == "ldaps",
            get_info=ldap3.NONE,
            tls=_Verified(self.options.ca),
            connect_timeout=PATIENCE,
        )
        connection = ldap3.Connection(
            server,
            user=dn or None,
            password=password or None,
            authentication=ldap3.SIMPLE if dn else ldap3.ANONYMOUS,
            receive_timeout=PATIENCE,
            auto_referrals=False,
            check_names=False,
            raise_exceptions=True,
            read_only=True,
        )
        try:
            connection.open()
            if parts.scheme == "ldap" and not self.options.plain:
                connection.start_tls()
            connection.bind()
        except BaseException:
            _close(connection)
            raise
        self.address = address
        return connection

    def find(self, login: str) -> Entry | None:
        """Whose login name this is.

        Raises:
            Ambiguous: several people's.
            Away: the directory does not answer.
        """
        if not login or len(login) > LONGEST_NAME or not login.isprintable():
            return None
        return self._one(self.options.filter.replace(NAME, escape_filter_chars(login)))

    def of(self, subject: str) -> Entry | None:
        """The entry with an id; None when it is gone."""
        return self._one(f"({self.options.id}={_escaped(self.options.id, subject)})")

    def _one(self, condition: str) -> Entry | None:
        try:
            found = self._search(self.options.base, condition, ldap3.SUBTREE)
            if not found:
                return None
            if len(found) > 1:
                raise Ambiguous
            dn, attributes = found[0]["dn"], found[0]["raw_attributes"]
            disabled = bool(self.options.disabled and self._search(dn, self.options.disabled, ldap3.BASE))
        except (LDAPException, OSError) as problem:
            raise Away(f"{self.address}: {problem}") from problem
        subject = _text(self.options.id, attributes)
        if not subject:
            raise Away(f"{self.address}: {dn} has no {self.options.id}, or we may not read it")
        return Entry(
            dn=dn,
            subject=subject,
            login=_text(self.options.login, attributes),
            name=_text(self.options.name, attributes),
            mail=_text(self.options.mail, attributes),
            disabled=disabled,
        )

    def _search(self, base: str, condition: str, depth: Any) -> list[dict[str, Any]]:
        options = self.options
        try:
            self._connection.search(
                base,
                condition,
                search_scope=depth,
                attributes=[options.id, options.login, options.name, options.mail],
                size_limit=2,
                time_limit=PATIENCE,
            )
        except LDAPOperationResult as problem:
            if problem.result != 4:  # sizeLimitExceeded: two were found, which is one too many
                raise
        return [one for one in self._connection.response or [] if one["type"] == "searchResEntry"]

    def proves(self, entry: Entry | None, password: str) -> bool:
        """Whether this is the entry's password. Of nobody a password is tried too, so that both take as long.

        Raises:
            Away: the directory does not answer.
        """
        if not password or "\0" in password:  # a bind without a password is anonymous, and succeeds
            return False
        dn = entry.dn if entry else f"cn={escape_rdn(secrets.token_hex(8))},{self.options.base}"
        try:
            _close(self._bound(self.address, dn, password))
        except LDAPInvalidCredentialsResult:
            return False
        except LDAPOperationResult as problem:  # the directory answers, and refuses: locked, expired, not to be used
            if problem.result in (49, 50, 53, 19, 48, 32, 34):
                return False
            raise Away(f"{self.address}: {problem}") from problem
        except (LDAPException, OSError) as problem:
            raise Away(f"{self.address}: {problem}") from problem
        return entry is not None

    def close(self) -> None:
        _close(self._connection)


@contextmanager
def reached(options: Ldap, secret: str) -> Iterator[Session]:
    """A conversation with a directory.

    Raises:
        Away: it cannot be reached, its certificate is not good, or it refuses the product.
    """
    session = Session(options, secret)
    try:
        yield session
    finally:
        session.close()


def _close(connection: ldap3.Connection) -> None:
    with suppress(LDAPException, OSError):
        connection.unbind()


def _text(attribute: str, attributes: dict[str, list[bytes]]) -> str:
    """The first value of an attribute: of a binary id in hexadecimal digits."""
    for name, values in attributes.items():
        if name.lower() == attribute.lower() and values:
            return values[0].hex() if attribute.lower() in BINARY else values[0].decode("utf-8", "replace")[:255]
    return ""


def _escaped(attribute: str, subject: str) -> str:
    if attribute.lower() in BINARY:
        return "".join(f"\\{subject[at : at + 2]}" for at in range(0, len(subject), 2))
    return escape_filter_chars(subject)
