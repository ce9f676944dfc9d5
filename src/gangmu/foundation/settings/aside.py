"""A small connection beside Django's, for what must stand although the request's transaction rolls back."""

import os
import threading
from collections.abc import Sequence
from typing import Any, LiteralString

import psycopg
from django.db import connection


class Aside:
    """One connection per process, which commits at once; opened when first needed, again when broken."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: psycopg.Connection | None = None
        self._process = 0

    def ask(self, statement: LiteralString, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run one statement; its rows, if it gives any.

        Raises:
            psycopg.Error: the database refuses, or is away at the second attempt too.
        """
        with self._lock:
            for last_attempt in (False, True):
                try:
                    cursor = self._open().execute(statement, values)
                    return cursor.fetchall() if cursor.description else []
                except psycopg.OperationalError:
                    self._close()
                    if last_attempt:
                        raise
        raise AssertionError("unreachable")

    def _open(self) -> psycopg.Connection:
        if self._process != os.getpid():  # a connection that was inherited belongs to the parent
            self._connection, self._process = None, os.getpid()
        parameters = connection.get_connection_params()
        if self._connection is not None and self._connection.info.dbname != parameters["dbname"]:
            self._close()
        if self._connection is None or self._connection.closed:
            parameters = {
                name: value for name, value in parameters.items() if name not in ("cursor_factory", "context")
            }
            self._connection = psycopg.connect(**{**parameters, "autocommit": True, "connect_timeout": 3})
            self._connection.execute("SET statement_timeout = '3s'")
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
