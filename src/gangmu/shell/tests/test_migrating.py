"""Migrations that render what changes alone make the same database as Django's own way."""

from contextlib import nullcontext

import pytest
from django.contrib.postgres.operations import CreateExtension
from django.core.management import call_command
from django.db import connection, migrations
from django.db.migrations.loader import MigrationLoader

from gangmu.shell.migrating import rendering_what_changes
from gangmu.shell.testing.plugin import clone, drop

# What neither looks at those that point at the model nor renames them. Another one: see shell/migrating.py first.
KNOWN = (
    *(migrations.CreateModel, migrations.DeleteModel, migrations.AlterModelOptions),
    *(migrations.AddField, migrations.RemoveField, migrations.AlterField),
    *(migrations.AddConstraint, migrations.RemoveConstraint, migrations.AddIndex, migrations.RemoveIndex),
    *(migrations.RunSQL, migrations.RunPython, migrations.SeparateDatabaseAndState, CreateExtension),
)
SCHEMA = """
    SELECT 'column', table_name, column_name, data_type || coalesce(column_default, '') || is_nullable
      || coalesce(character_maximum_length::text, '')
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'constraint', conrelid::regclass::text, conname::text, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'index', tablename::text, indexname::text, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'function', proname::text, oidvectortypes(proargtypes), md5(prosrc)
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname::text, pg_get_triggerdef(oid)
    FROM pg_trigger WHERE NOT tgisinternal
    ORDER BY 1, 2, 3, 4
"""


def test_our_migrations_do_what_this_way_is_right_for():
    steps = [
        (name, step)
        for name, migration in MigrationLoader(None).disk_migrations.items()
        if migration.__module__.startswith("gangmu.")
        for step in migration.operations
    ]
    assert len(steps) > 100
    assert [(name, step) for name, step in steps if not isinstance(step, KNOWN)] == []


def schema(name: str, way) -> list:
    clone("gangmu", name)
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        with way:
            call_command("migrate", interactive=False, verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute(SCHEMA)
            return cursor.fetchall()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        drop(name)


@pytest.mark.prove
def test_the_database_is_that_of_djangos_own_way(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        ours = schema("migrated_ours", rendering_what_changes())
        theirs = schema("migrated_theirs", nullcontext())
    assert len(ours) > 2000
    assert ours == theirs
    print(f"PROOF migrations: {len(ours)} columns, constraints, indexes, functions and triggers, the same both ways")
