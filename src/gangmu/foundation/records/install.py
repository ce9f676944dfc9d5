"""Puts the functions, triggers and grants of records into the database. Run by the owner after every migration.

Run it after `access.install.install_row_security`, whose grants it narrows. Everything is idempotent: a second run
changes nothing. `expected_functions` and `expected_trigger` say what verification later finds or misses.
"""

import re
from importlib import resources

from django.db import connection as default_connection
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from gangmu.foundation.records.kept import CLOSED, GUARD, GUARDED, RULED, RULES, TRIGGER, Kept, kept_tables

ROLES = "gangmu_web, gangmu_system, PUBLIC"
# pg_trigger.tgtype: row (1) + insert (4) + delete (8) + update (16); before (2) + delete (8) + update (16)
KEEP_TYPE = 1 + 4 + 8 + 16
GUARD_TYPE = 2 + 8 + 16
RULE_TYPE = 1 + 2 + 4 + 8 + 16
FUNCTIONS = ("functions.sql", "retention.sql")


def install_history(connection: BaseDatabaseWrapper = default_connection) -> None:
    """Make the database write history for every model that says so. Needs the owner's connection.

    Rows that are there when a table first gets its trigger are written down as they are found. A trigger that was
    missing, disabled or altered on a table that has history is put right, and an event says so: what changed
    meanwhile is still found by verification.
    """
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(functions_sql(_offset(cursor)))
        wanted = {one.table: one for one in kept_tables()}
        for kept in wanted.values():
            _keep(cursor, kept)
        for table in sorted(present_triggers(cursor, TRIGGER).keys() - wanted.keys()):
            cursor.execute(f'DROP TRIGGER {TRIGGER} ON public."{table}"')
            _note(cursor, "records.trigger-dropped", {"table": table})
        for table in GUARDED:
            if present_triggers(cursor, GUARD).get(table) != expected_guard():
                cursor.execute(
                    f"CREATE OR REPLACE TRIGGER {GUARD} BEFORE UPDATE OR DELETE ON public.{table} "
                    f"FOR EACH STATEMENT EXECUTE FUNCTION public.records_refuse()"
                )
                cursor.execute(f"ALTER TABLE public.{table} ENABLE ALWAYS TRIGGER {GUARD}")
            cursor.execute(f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON public.{table} FROM {ROLES}")
            cursor.execute(f"GRANT SELECT ON public.{table} TO gangmu_system")
        cursor.execute("GRANT INSERT ON public.records_seal, public.records_sealpart TO gangmu_system")
        for table, function in RULES.items():
            if present_triggers(cursor, RULED).get(table) != expected_rule(table):
                cursor.execute(
                    f"CREATE OR REPLACE TRIGGER {RULED} BEFORE INSERT OR UPDATE OR DELETE ON public.{table} "
                    f"FOR EACH ROW EXECUTE FUNCTION public.{function}()"
                )
                cursor.execute(f"ALTER TABLE public.{table} ENABLE ALWAYS TRIGGER {RULED}")
        for table in CLOSED:
            cursor.execute(f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON public.{table} FROM {ROLES}")


def functions_sql(offset: int) -> str:
    """The text of our functions with the transaction numbers' offset filled in."""
    folder = resources.files("gangmu.foundation.records")
    text = "\n".join(folder.joinpath(name).read_text("utf-8") for name in FUNCTIONS)
    return text.replace("{offset}", str(offset))


def expected_functions() -> dict[str, tuple[str, bool]]:
    """The body of each function as the product ships it, and whether it runs with its owner's rights; the offset's is
    left out, it differs by installation."""
    text = functions_sql(0)
    found = re.findall(r"CREATE OR REPLACE FUNCTION public\.(\w+)\((.*?)AS \$\$(.*?)\$\$", text, re.DOTALL)
    return {name: (body, "SECURITY DEFINER" in head) for name, head, body in found if name != "records_offset"}


def expected_trigger(kept: Kept) -> tuple[str, str, int, list[str]]:
    """What `present_triggers` says of a table whose trigger is in order."""
    return ("A", "records_keep", KEEP_TYPE, kept.arguments)


def expected_guard() -> tuple[str, str, int, list[str]]:
    """What `present_triggers` says of a guarded table whose guard is in order."""
    return ("A", "records_refuse", GUARD_TYPE, [])


def expected_rule(table: str) -> tuple[str, str, int, list[str]]:
    """What `present_triggers` says of a table whose rule is in order."""
    return ("A", RULES[table], RULE_TYPE, [])


def present_triggers(cursor: CursorWrapper, name: str) -> dict[str, tuple[str, str, int, list[str]]]:
    """For each table that has the trigger `name`: whether it is enabled, its function, its type and arguments."""
    cursor.execute(
        """
        SELECT c.relname, t.tgenabled::text, p.proname, t.tgtype::int, t.tgargs, t.tgqual IS NULL, n.nspname
        FROM pg_trigger t
        JOIN pg_class c ON c.oid = t.tgrelid AND c.relnamespace = 'public'::regnamespace
        JOIN pg_proc p ON p.oid = t.tgfoid
        JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE t.tgname = %s AND NOT t.tgisinternal
        """,
        [name],
    )
    return {
        table: (
            enabled if unconditional else "condition",
            function if schema == "public" else f"{schema}.{function}",
            kind,
            [part.decode() for part in bytes(arguments).split(b"\0")[:-1]],
        )
        for table, enabled, function, kind, arguments, unconditional, schema in cursor.fetchall()
    }


def _keep(cursor: CursorWrapper, kept: Kept) -> None:
    present = present_triggers(cursor, TRIGGER).get(kept.table)
    if present == expected_trigger(kept):
        return
    cursor.execute("SELECT EXISTS (SELECT FROM public.records_history WHERE model = %s)", [kept.model])
    has_history = cursor.fetchone()[0]
    # CREATE TRIGGER takes no parameters: the arguments are names from our own models, quoted as literals
    arguments = ", ".join("'" + argument.replace("'", "''") + "'" for argument in kept.arguments)
    cursor.execute(
        f'CREATE OR REPLACE TRIGGER {TRIGGER} AFTER INSERT OR UPDATE OR DELETE ON public."{kept.table}" '
        f"FOR EACH ROW EXECUTE FUNCTION public.records_keep({arguments})"
    )
    # ALWAYS: also in a session that calls itself a replica
    cursor.execute(f'ALTER TABLE public."{kept.table}" ENABLE ALWAYS TRIGGER {TRIGGER}')
    if has_history:
        _note(cursor, "records.trigger-repaired", {"table": kept.table, "found": list(present or [])})
        return
    cursor.execute(BASELINE.format(table=kept.table, image=image_sql(kept), key=key_sql(kept)), _baseline_values(kept))


BASELINE = """
    INSERT INTO public.records_history
      (model, row, organisation_id, operation, after, role, request, at, written_at, fixed_clock, xact)
    SELECT %(model)s, {key}, (to_jsonb(t) ->> %(organisation)s)::bigint, 'baseline', {image}, session_user, '',
           now.at, now.at, false, public.records_xact()
    FROM public."{table}" t, (SELECT clock_timestamp() AS at) AS now
"""


def _baseline_values(kept: Kept) -> dict[str, str]:
    return {"model": kept.model, "organisation": kept.organisation}


def image_sql(kept: Kept) -> str:
    """The SQL expression of a row's image; `t` is the table."""
    excluded = ",".join((*kept.excluded, *kept.ignored))
    return f"to_jsonb(t) - string_to_array('{excluded}', ',')"


def key_sql(kept: Kept) -> str:
    """The SQL expression of a row's key as history writes it; `t` is the table."""
    return "concat_ws(',', " + ", ".join(f"to_jsonb(t) ->> '{column}'" for column in kept.keys) + ")"


def _note(cursor: CursorWrapper, kind: str, data: dict) -> None:
    import json

    cursor.execute(
        "SELECT public.records_note(%s, NULL, '', %s::jsonb, NULL, clock_timestamp(), NULL, false)",
        [kind, json.dumps(data)],
    )


def _offset(cursor: CursorWrapper) -> int:
    """The present offset, or a higher one where this database was restored into a server with younger numbers."""
    cursor.execute("SELECT to_regprocedure('public.records_offset()') IS NOT NULL")
    offset = 0
    if cursor.fetchone()[0]:
        cursor.execute("SELECT public.records_offset()")
        offset = cursor.fetchone()[0]
    cursor.execute(
        """
        SELECT greatest(
            (SELECT max(own_xact) FROM public.records_seal),
            (SELECT max(xact) FROM public.records_history),
            (SELECT max(xact) FROM public.records_event)
        ), pg_current_xact_id()::text::bigint
        """
    )
    highest, present = cursor.fetchone()
    return highest + 1 - present if highest is not None and present + offset < highest else offset
