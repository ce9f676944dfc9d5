"""What is set of a directory, by kind: texts, as an operator writes them, each judged when it is set."""

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from gangmu.foundation.accounts.directories.models import Directory
from gangmu.foundation.accounts.factors.secrecy import InvalidToken, closed, opened

PURPOSE = "directory"
NAME = "{name}"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
DISABLED = "(|(userAccountControl:1.2.840.113556.1.4.803:=2)(pwdAccountLockedTime=000001010000Z))"


@dataclass(frozen=True)
class Ldap:
    """How an LDAP directory is asked. Names of options are those of the fields."""

    address: str  # ldaps://host[:636] or ldap://host[:389], which begins TLS (StartTLS); several with commas between
    base: str  # under which people stand
    bind_dn: str = ""  # as whom the product searches; its password is the secret. Empty: anonymously
    filter: str = f"(&(objectClass=person)(uid={NAME}))"  # by which a name typed is found; {name} is put in escaped
    disabled: str = DISABLED  # matches entries that are switched off
    id: str = "entryUUID"  # the attribute that never changes; objectGUID of Active Directory
    login: str = "uid"  # sAMAccountName of Active Directory
    name: str = "cn"
    mail: str = "mail"
    ca: str = ""  # a file of the CAs (PEM) that sign the server's certificate; empty: those of the system
    plain: str = ""  # "yes": without TLS. On loopback alone

    @property
    def addresses(self) -> list[str]:
        return [one.strip() for one in self.address.split(",") if one.strip()]


@dataclass(frozen=True)
class Oidc:
    """How a provider of OpenID Connect is asked."""

    issuer: str  # https://…, exactly as the provider says it
    client_id: str  # under which the product is known there; its password is the secret
    scope: str = "openid profile email"
    login: str = "preferred_username"  # claims
    name: str = "name"
    mail: str = "email"
    algorithms: str = "RS256,PS256,ES256"  # with which tokens may be signed
    trust_amr: str = ""  # values of amr that stand for two factors, such as mfa: then no second one is asked here
    trust_acr: str = ""  # the same of acr
    ask_acr: str = ""  # acr_values to ask for
    ca: str = ""

    @property
    def signing(self) -> list[str]:
        return _parts(self.algorithms)


Options = Ldap | Oidc
KINDS: dict[str, type[Ldap] | type[Oidc]] = {Directory.Kind.LDAP: Ldap, Directory.Kind.OIDC: Oidc}


def _parts(text: str) -> list[str]:
    return [part for part in text.replace(",", " ").split() if part]


def read(kind: str, given: Mapping[str, Any]) -> Options:
    """The options of a kind.

    Raises:
        ValidationError: one is unknown, missing, or would let somebody listen.
    """
    shape = KINDS[kind]
    known = {one.name for one in fields(shape)}
    faults = [_("“%(name)s” is no option of this kind.") % {"name": name[:40]} for name in given if name not in known]
    needed = [one.name for one in fields(shape) if one.default is MISSING]
    faults += [_("“%(name)s” is missing.") % {"name": name} for name in needed if not given.get(name)]
    if faults:
        raise ValidationError(faults)
    options = shape(**{name: str(value) for name, value in given.items()})
    faults = _faults_of_ldap(options) if isinstance(options, Ldap) else _faults_of_oidc(options)
    if options.ca and not os.path.isfile(options.ca):
        faults.append(_("%(file)s is no file.") % {"file": options.ca})
    if faults:
        raise ValidationError(faults)
    return options


def is_here(host: str) -> bool:
    """Whether a host is this machine, where nobody listens on the way."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _faults_of_ldap(options: Ldap) -> list[str]:
    found = []
    for address in options.addresses:
        parts = urlsplit(address)
        if parts.scheme not in ("ldap", "ldaps") or not parts.hostname or parts.path.strip("/") or parts.username:
            found.append(_("“%(text)s” is no address such as ldaps://directory.example.com.") % {"text": address[:80]})
        elif options.plain and not is_here(parts.hostname):
            found.append(
                _("%(text)s would be asked without TLS: passwords could be heard. That is for this machine alone.")
                % {"text": address[:80]}
            )
    if options.plain not in ("", "yes"):
        found.append(_("“plain” is “yes” or empty."))
    if NAME not in options.filter:
        found.append(_("“filter” does not say where {name} stands."))
    for text in (options.filter, options.disabled):
        if text.count("(") != text.count(")") or not (text.startswith("(") or not text):
            found.append(_("“%(text)s” is no filter of LDAP.") % {"text": text[:80]})
    return found


def _faults_of_oidc(options: Oidc) -> list[str]:
    found = []
    if not is_safe(options.issuer):
        found.append(_("“%(text)s” is no address with https://.") % {"text": options.issuer[:80]})
    if not options.signing or any(one not in ALGORITHMS for one in options.signing):
        found.append(
            _("“%(name)s” does not sign tokens here. Choose of %(all)s.")
            % {"name": options.algorithms[:80], "all": ", ".join(ALGORITHMS)}
        )
    if "openid" not in options.scope.split():
        found.append(_("“scope” lacks openid."))
    return found


def is_safe(address: str) -> bool:
    """Whether what is fetched from an address comes from there: HTTPS, or this machine."""
    parts = urlsplit(address)
    if parts.username or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_here(parts.hostname))


def secret_of(directory: Directory) -> str:
    """The product's own password at a directory: from GANGMU_DIRECTORY_SECRET_<CODE>, or what was stored.

    Raises:
        InvalidToken: it was stored under another secret of the installation.
    """
    variable = f"GANGMU_DIRECTORY_SECRET_{directory.code.upper().replace('-', '_')}"
    return os.environ.get(variable, "") or (opened(directory.secret, PURPOSE) if directory.secret else "")


def seal_secret(text: str) -> str:
    """How a password is stored."""
    return closed(text, PURPOSE) if text else ""


__all__ = [
    "ALGORITHMS",
    "KINDS",
    "InvalidToken",
    "Ldap",
    "Oidc",
    "is_here",
    "is_safe",
    "read",
    "seal_secret",
    "secret_of",
]
