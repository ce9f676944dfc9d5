"""The server's configuration, written anew at every start; the operator's own settings are included last."""

import os

from .cluster import PORT, ROLES, Cluster
from .locks import write_file
from .serveruser import ServerUser

# Safety first, then settings for one application on one machine. Reasons stand where the value is not PostgreSQL's own.
SETTINGS: dict[str, str] = {
    # Reached over the socket alone.
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0600",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    # What is committed survives power loss.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "wal_level": "replica",  # pg_basebackup
    "max_wal_size": "2GB",
    "min_wal_size": "128MB",
    # Modest memory: the cube is where figures are added up.
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_locks_per_transaction": "256",  # dropping a schema with many partitions and histories
    "random_page_cost": "1.1",  # solid-state disks
    # No just-in-time compiler is in the wheel.
    "jit": "off",
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.max": "5000",
    "track_io_timing": "on",
    # One meaning everywhere.
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "lc_messages": "C",
    "default_text_search_config": "pg_catalog.simple",
    "cluster_name": "gangmu",
    # A file a day, a week of them.
    "logging_collector": "on",
    "log_filename": "postgres-%a.log",
    "log_file_mode": "0600",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_min_duration_statement": "5s",
    "log_lock_waits": "on",
    "log_parameter_max_length": "0",  # values are nobody's business in a log
    "log_parameter_max_length_on_error": "0",
}

HOST_BASED_ACCESS = f"""\
# Written at every start. Only the socket, only with a password.
local all         all               scram-sha-256
local replication {ROLES["owner"]}  scram-sha-256
"""


def write_configuration(cluster: Cluster, user: ServerUser) -> None:
    """Write postgresql.conf, pg_hba.conf and pg_ident.conf into the data folder."""
    settings = {
        **SETTINGS,
        "unix_socket_directories": _list_item(str(cluster.socket_folder)),
        "log_directory": str(cluster.logs),
        "dynamic_shared_memory_type": "posix" if os.access("/dev/shm", os.W_OK) else "mmap",  # noqa: S108
    }
    lines = [
        f"# Written at every start. Your own settings belong in {cluster.local_configuration.name} in GANGMU_HOME.",
        *(f"{name} = {quoted(value)}" for name, value in settings.items()),
        f"include_if_exists {quoted(str(cluster.local_configuration))}",
    ]
    for name, text in (
        ("postgresql.conf", "\n".join(lines) + "\n"),
        ("pg_hba.conf", HOST_BASED_ACCESS),
        ("pg_ident.conf", "# Nobody is known by another name.\n"),
    ):
        write_file(cluster.data / name, text, owner_like=cluster.data)


def quoted(value: str) -> str:
    """A value as the configuration file's lexer reads it."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _list_item(path: str) -> str:
    """One path in a setting that is a list."""
    return '"' + path.replace('"', '""') + '"'
