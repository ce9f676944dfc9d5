"""Fixtures that take the place of pytest-django's: a conftest is asked before a plugin is."""

from gangmu.shell.testing.plugin import committed, committed_once, django_db_setup, english

__all__ = ["committed", "committed_once", "django_db_setup", "english"]
