"""The database's home: an embedded PostgreSQL that every command starts, joins and leaves, or an outside one.

    with open_database(home) as database:
        psycopg.connect(**database.dsn("web"))

Imports no Django. See docs/concepts/database.md.
"""

from .administration import create_database, drop_database, prepare
from .binaries import environment, program
from .cluster import DATABASE, ROLES, Cluster, Status
from .lease import Lease, open_database, stop
from .outside import OutsideDatabase, database_url_override
from .problems import DatabaseUnavailable

__all__ = [
    "DATABASE",
    "ROLES",
    "Cluster",
    "DatabaseUnavailable",
    "Lease",
    "OutsideDatabase",
    "Status",
    "create_database",
    "database_url_override",
    "drop_database",
    "environment",
    "open_database",
    "prepare",
    "program",
    "stop",
]
