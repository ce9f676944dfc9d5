"""The three roles and what each may do in a database; the same for the embedded server and for an outside one.

gangmu_owner   owns the schema and runs migrations; superuser of the embedded cluster
gangmu_system  BYPASSRLS, neither owner nor superuser: command line, worker, cube; may SET ROLE gangmu_web
gangmu_web     the web processes: owns nothing, bypasses nothing
"""

from .cluster import ROLES

EXTENSIONS = ("ltree", "btree_gist", "pg_trgm", "pg_stat_statements")
OWNER, SYSTEM, WEB = ROLES["owner"], ROLES["system"], ROLES["web"]


def extension_statements() -> list[str]:
    """The extensions, in the current database. Statistics of other users' statements are the owner's alone."""
    return [
        *(f"CREATE EXTENSION IF NOT EXISTS {name}" for name in EXTENSIONS),
        "REVOKE ALL ON pg_stat_statements, pg_stat_statements_info FROM PUBLIC",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    ]


def role_statements(passwords: dict[str, str]) -> list[str]:
    """The two roles besides the owner, with passwords by short name."""
    return [
        f"CREATE ROLE {WEB} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD {literal(passwords['web'])}",
        f"CREATE ROLE {SYSTEM} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS "
        f"PASSWORD {literal(passwords['system'])}",
        f"GRANT {WEB} TO {SYSTEM} WITH INHERIT FALSE, SET TRUE",
    ]


def database_statements(name: str) -> list[str]:
    """Who may connect to a database; `name` is quoted here."""
    database = identifier(name)
    return [
        f"REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {SYSTEM}",
        f"GRANT CONNECT ON DATABASE {database} TO {WEB}",
    ]


def literal(text: str) -> str:
    """A string constant."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A quoted name."""
    return '"' + name.replace('"', '""') + '"'
