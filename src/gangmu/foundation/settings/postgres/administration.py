"""Databases beside `gangmu` (tests make theirs so), and preparing an outside server."""

import logging
from typing import Any

from . import roles
from .lease import Lease
from .outside import OutsideDatabase
from .problems import DatabaseUnavailable

logger = logging.getLogger(__name__)

OLDEST_VERSION = 17


def create_database(database: Lease | OutsideDatabase, name: str, template: str | None = None) -> None:
    """Create a database with the same roles and extensions as `gangmu`, or as a copy of `template`."""
    copied = f" TEMPLATE {roles.identifier(template)}" if template else ""
    with _connect(database, _maintenance(database)) as connection:
        connection.execute(f"CREATE DATABASE {roles.identifier(name)}{copied}".encode())
        for statement in roles.database_statements(name):
            connection.execute(statement.encode())
    if template is None and isinstance(database, OutsideDatabase):
        _prepare_database(database, name)


def drop_database(database: Lease | OutsideDatabase, name: str) -> None:
    """Drop a database if it exists, with the connections to it."""
    with _connect(database, _maintenance(database)) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {roles.identifier(name)} WITH (FORCE)".encode())


def prepare(database: Lease | OutsideDatabase) -> None:
    """Give an outside server what the embedded one is created with: roles, extensions, rights. Harmless to repeat.

    Raises:
        DatabaseUnavailable: outside_old, outside_rights, outside_characters.
    """
    if isinstance(database, Lease):
        return
    import psycopg

    try:
        with _connect(database) as connection:
            version = connection.info.server_version // 10000
            if version < OLDEST_VERSION:
                raise DatabaseUnavailable("outside_old", found=version, expected=OLDEST_VERSION)
            for role in (roles.WEB, roles.SYSTEM):
                if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
                    bypass = "BYPASSRLS" if role == roles.SYSTEM else "NOBYPASSRLS"
                    connection.execute(f"CREATE ROLE {role} NOLOGIN {bypass}".encode())
                member = "SELECT pg_has_role(current_user, %s, 'SET')"
                if connection.execute(member, [role]).fetchone() != (True,):
                    connection.execute(f"GRANT {role} TO CURRENT_USER WITH INHERIT FALSE, SET TRUE".encode())
            can_switch = "SELECT pg_has_role(%s, %s, 'SET')"
            if connection.execute(can_switch, [roles.SYSTEM, roles.WEB]).fetchone() != (True,):
                connection.execute(f"GRANT {roles.WEB} TO {roles.SYSTEM} WITH INHERIT FALSE, SET TRUE".encode())
            for statement in roles.database_statements(connection.info.dbname):
                connection.execute(statement.encode())
        _prepare_database(database, None)
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseUnavailable("outside_rights", detail=error.diag.message_primary or error) from error


def _prepare_database(database: OutsideDatabase, name: str | None) -> None:
    import psycopg

    with _connect(database, name) as connection:
        for extension in roles.EXTENSIONS:
            try:
                connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}".encode())
            except psycopg.errors.Error as error:
                if extension != "pg_stat_statements":
                    raise
                logger.warning("no statistics of statements: %s", error.diag.message_primary)
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        if connection.execute("SELECT cardinality(show_trgm('大')) > 0").fetchone() != (True,):
            raise DatabaseUnavailable("outside_characters", database=connection.info.dbname)


def _maintenance(database: Lease | OutsideDatabase) -> str | None:
    """Where to stand while another database is made: `postgres`, or the outside address's own."""
    return "postgres" if isinstance(database, Lease) else None


def _connect(database: Lease | OutsideDatabase, dbname: str | None = None) -> Any:
    import psycopg

    return psycopg.connect(**database.dsn("owner", dbname), autocommit=True)
