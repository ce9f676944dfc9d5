"""What writes history: triggers, functions, guards and grants as the product makes them."""

from django.db.backends.utils import CursorWrapper

from gangmu.foundation.records import install
from gangmu.foundation.records.kept import GUARD, GUARDED, RULED, RULES, TRIGGER, kept_tables
from gangmu.foundation.records.verify.report import Report

ROLES = ("gangmu_web", "gangmu_system")


def check_installation(cursor: CursorWrapper, report: Report) -> None:
    """Report what is missing or not as shipped."""
    _check_triggers(cursor, report)
    _check_functions(cursor, report)
    _check_privileges(cursor, report)


def _check_triggers(cursor: CursorWrapper, report: Report) -> None:
    expected = {(kept.table, TRIGGER): install.expected_trigger(kept) for kept in kept_tables()}
    expected |= {(table, GUARD): install.expected_guard() for table in GUARDED}
    expected |= {(table, RULED): install.expected_rule(table) for table in RULES}
    present = {
        (table, name): found
        for name in (TRIGGER, GUARD, RULED)
        for table, found in install.present_triggers(cursor, name).items()
    }
    for (table, trigger), wanted in expected.items():
        found = present.get((table, trigger))
        if found is None:
            report.add("trigger-missing", table=table, trigger=trigger)
        elif found != wanted:
            report.add("trigger-altered", table=table, trigger=trigger, found=found)
    # a rule, or another trigger on the records themselves, could swallow what is written
    tables = [*GUARDED, *(table for table, _ in expected)]
    cursor.execute(
        """
        SELECT c.relname, r.rulename FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
        WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (%(tables)s)
        UNION ALL
        SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (%(guarded)s)
          AND NOT t.tgisinternal AND t.tgname <> %(guard)s
        """,
        {"tables": tables, "guarded": list(GUARDED), "guard": GUARD},
    )
    for table, name in cursor.fetchall():
        report.add("trigger-foreign", table=table, trigger=name)


def _check_functions(cursor: CursorWrapper, report: Report) -> None:
    expected = install.expected_functions()
    cursor.execute(
        """
        SELECT p.proname, p.prosrc, p.prosecdef, p.proconfig, p.proowner = c.relowner
        FROM pg_proc p, pg_class c
        WHERE p.pronamespace = 'public'::regnamespace AND p.proname = ANY (%s)
          AND c.oid = 'public.records_history'::regclass
        """,
        [list(expected)],
    )
    found = {name: rest for name, *rest in cursor.fetchall()}
    for name, (body, runs_as_owner) in expected.items():
        if name not in found:
            report.add("function-missing", function=name)
            continue
        source, definer, configuration, owned = found[name]
        in_order = (
            source == body
            and definer == runs_as_owner
            and "search_path=pg_catalog, pg_temp" in (configuration or [])
            and owned
        )
        if not in_order:
            report.add("function-altered", function=name)
    cursor.execute("SELECT prosrc FROM pg_proc WHERE oid = to_regprocedure('public.records_offset()')")
    row = cursor.fetchone()
    number = row[0].strip().removeprefix("SELECT ").removesuffix("::bigint") if row else ""
    if not number.removeprefix("-").isdigit():
        report.add("function-altered" if row else "function-missing", function="records_offset")


def _check_privileges(cursor: CursorWrapper, report: Report) -> None:
    cursor.execute(
        """
        SELECT role, privilege, t FROM unnest(%(roles)s::text[]) AS role,
             unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS privilege,
             unnest(%(tables)s::text[]) AS t
        WHERE has_table_privilege(role, 'public.' || t, privilege)
          AND NOT (role = 'gangmu_system' AND privilege = 'INSERT' AND t IN ('records_seal', 'records_sealpart'))
        """,
        {"roles": list(ROLES), "tables": list(GUARDED)},
    )
    for role, privilege, table in cursor.fetchall():
        report.add("privilege", role=role, privilege=privilege, table=table)
    cursor.execute(
        """
        SELECT r.rolname FROM pg_roles r, pg_class c
        WHERE r.rolname = ANY (%s) AND c.oid = 'public.records_history'::regclass
          AND (r.rolsuper OR pg_has_role(r.rolname, c.relowner, 'MEMBER'))
        """,
        [list(ROLES)],
    )
    for (role,) in cursor.fetchall():
        report.add("role", role=role)
