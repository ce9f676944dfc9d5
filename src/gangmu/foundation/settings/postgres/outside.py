"""A PostgreSQL of the operator's own, given by GANGMU_DATABASE_URL. Nothing is started then.

GANGMU_DATABASE_URL is the owner's login. GANGMU_DATABASE_URL_SYSTEM and GANGMU_DATABASE_URL_WEB log in as the other two
roles; where one is missing, or its user has another name, the connection is switched to the role as it opens.
"""

import os
from types import TracebackType
from typing import Any, Self

from .cluster import ROLES
from .problems import DatabaseUnavailable

VARIABLES = {
    "owner": "GANGMU_DATABASE_URL",
    "system": "GANGMU_DATABASE_URL_SYSTEM",
    "web": "GANGMU_DATABASE_URL_WEB",
}


class OutsideDatabase:
    """Reached like a `Lease`, but not ours to start or stop."""

    def __init__(self, urls: dict[str, str]) -> None:
        self._logins = {role: _parse(VARIABLES[role], url) for role, url in urls.items()}

    def dsn(self, role: str = "system", dbname: str | None = None) -> dict[str, Any]:
        """Connection parameters for psycopg; `role` is owner, system or web, `dbname` by default the address's."""
        login = dict(self._logins.get(role) or self._logins["owner"])
        if role != "owner" and login.get("user") != ROLES[role]:
            login["options"] = f"{login.get('options', '')} -c role={ROLES[role]}".strip()
        if dbname is not None:
            login["dbname"] = dbname
        return login

    def close(self) -> None:
        """Nothing to give back."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def database_url_override() -> OutsideDatabase | None:
    """The outside database, if GANGMU_DATABASE_URL names one.

    Raises:
        DatabaseUnavailable: wrong_url.
    """
    if not os.environ.get(VARIABLES["owner"]):
        return None
    return OutsideDatabase({role: os.environ[name] for role, name in VARIABLES.items() if os.environ.get(name)})


def _parse(variable: str, url: str) -> dict[str, Any]:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    if not url.startswith(("postgresql://", "postgres://")):
        raise DatabaseUnavailable("wrong_url", variable=variable, detail="it does not begin with postgresql://")
    try:
        parameters = conninfo_to_dict(url)
    except ProgrammingError as error:
        raise DatabaseUnavailable("wrong_url", variable=variable, detail=_without_secrets(str(error))) from None
    for port in str(parameters.get("port") or "").split(","):
        if port and not port.isdecimal():
            raise DatabaseUnavailable("wrong_url", variable=variable, detail=f"the port is {port!r}")
    for name in ("dbname", "user"):
        if not parameters.get(name):
            raise DatabaseUnavailable("wrong_url", variable=variable, detail=f"it has no {name}")
    return dict(parameters)


def _without_secrets(message: str) -> str:
    """libpq quotes the address, which may hold a password."""
    return message.partition(":")[0].partition('"')[0].strip()
