"""Migrations, then everything the database is told by declarations: row security, history, shipped content."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources

from django.db import connection, transaction

from gangmu.foundation.access.install import install_row_security
from gangmu.foundation.periods import services as periods
from gangmu.foundation.records.install import install_history
from gangmu.foundation.settings import clock
from gangmu.shell.migrating import migrate as apply_migrations

INSTALLERS_LOCK = 7411003
ROOMS_WITH_FUNCTIONS = (
    "gangmu.foundation.parties",
    "gangmu.foundation.accounts",
    "gangmu.foundation.accounts.directories",
    "gangmu.foundation.approvals",
    "gangmu.figures.indicators",
    "gangmu.figures.filing",
    "gangmu.figures.publications",
    "gangmu.figures.reports",
    "gangmu.figures.curves",
    "gangmu.figures.designs",
    "gangmu.figures.moving",
    "gangmu.duties.norms",
    "gangmu.duties.resources",
    "gangmu.duties.grading",
    "gangmu.shell.people",
    "gangmu.shell.organisations",
    "gangmu.shell.office",
    "gangmu.shell.limits",
)


def install(*, migrate: bool = True) -> None:
    """Bring the database to this version. Needs the owner's connection; safe to repeat, and by two at the same time."""
    with one_at_a_time():
        if migrate:
            apply_migrations()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('gangmu.now', %s, true)", [clock.now().isoformat()])
            for room in ROOMS_WITH_FUNCTIONS:
                cursor.execute(resources.files(room).joinpath("functions.sql").read_text("utf-8"))
            install_row_security(connection)
            install_history(connection)
            install_content()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait until nobody else installs into this database; the lock goes with the connection when a process dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [INSTALLERS_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [INSTALLERS_LOCK])


def install_content() -> None:
    """What is shipped: calendars, roles, dictionaries, indicators, routes, forms, standards.

    What was changed here stands.
    """
    from gangmu.business.grading import installing as grading
    from gangmu.business.power.content import composing
    from gangmu.business.power.designs import designs
    from gangmu.business.power.roles import install_roles
    from gangmu.duties.norms.services import install_standards
    from gangmu.figures.curves.defining import load_curve_indicators
    from gangmu.figures.designs.designing import install as install_designs
    from gangmu.figures.filing.scenarios import scenario_id
    from gangmu.figures.filing.services.forms import load_forms
    from gangmu.figures.indicators.categories.services import load_categories
    from gangmu.figures.indicators.services import install_indicators
    from gangmu.figures.indicators.taxes.services import load_taxes
    from gangmu.figures.scopes.services import load_scopes
    from gangmu.foundation.access.scope import SYSTEM
    from gangmu.foundation.approvals.routes import load_routes

    periods.install_shipped()
    install_roles()
    scenario_id("actual")
    load_categories(composing.categories_text(), shipped=True)
    load_taxes(composing.taxes_text(), shipped=True)
    install_indicators(composing.indicators_text())
    load_curve_indicators(composing.curves_text(), shipped=True)
    load_scopes(composing.scopes_text(), shipped=True)
    load_routes(composing.routes(), "shipped")
    install_standards()
    grading.install()
    load_forms(composing.forms(), "shipped")
    install_designs(designs(), SYSTEM)
