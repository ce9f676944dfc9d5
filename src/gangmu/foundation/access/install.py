"""Turns the declarations of row security into grants and policies. Run by the owner after every migration.

Everything is dropped and made again inside one transaction, so that the database always says what the code says.
"""

from importlib import resources

from django.apps import apps
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from gangmu.foundation.access.declarations import declared_tables
from gangmu.foundation.settings.rowsecurity import (
    ByOrganisation,
    ByParent,
    ByUser,
    Everyone,
    Plumbing,
    RowSecurity,
    SystemOnly,
    Whole,
)

FUNCTIONS = ("functions.sql", "delegation.sql", "review.sql")
WEB = "gangmu_web"
SYSTEM = "gangmu_system"

# Operators of searches that users do. Under a policy PostgreSQL uses an index for a user's condition only when its
# function is declared not to leak; these compare text with a pattern and tell nothing else.
LEAKPROOF = (
    "textlike(text, text)",
    "texticlike(text, text)",
    "textnlike(text, text)",
    "texticnlike(text, text)",
)


# Large objects have no row security, and nothing of ours uses them: whoever could make one could fill the disk.
LARGE_OBJECTS = ("lo_creat(integer)", "lo_create(oid)", "lo_from_bytea(oid, bytea)")

# PostgreSQL lets everybody call every new function. Ours are called by whom they were granted to, where they are made;
# the system role may call all of them. Those of extensions are what operators are made of, and stay as they are.
CLOSE_FUNCTIONS = f"""
DO $$
DECLARE one regprocedure;
BEGIN
  FOR one IN
    SELECT p.oid FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC', one);
    EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO {SYSTEM}', one);
  END LOOP;
END $$
"""


def visible(rule: RowSecurity, table: str, prefix: str = "view") -> str:
    """The SQL condition under which a row of `table` is seen (`view`) or may be written (`change`)."""
    match rule:
        case Everyone(anonymous=True):
            return "true"
        case Everyone():
            return "(SELECT access_user()) IS NOT NULL"
        case ByUser(field=field, shared=shared):
            mine = f"{table}.{field} = (SELECT access_user())"
            if shared and prefix == "view":
                return f"{mine} OR ((SELECT access_user()) IS NOT NULL AND {table}.{shared})"
            return mine
        case ByParent(field=field, parent=parent):
            parent_table = apps.get_model(parent)._meta.db_table
            return f"EXISTS (SELECT FROM {parent_table} p WHERE p.id = {table}.{field})"
        case ByOrganisation():
            return _by_organisation(rule, table, prefix)
        case Whole(room=room, own=own):
            whole = f"(SELECT access_whole('{prefix}_{room}'))"
            return f"{whole} OR {table}.{own} = (SELECT access_user())" if own else whole
    raise TypeError(rule)


def _by_organisation(rule: ByOrganisation, table: str, prefix: str) -> str:
    column = f"{table}.{rule.field}"
    # get_bit numbers the bits of each byte from the least significant one
    condition = f"get_bit((SELECT access_bits('{prefix}_{rule.room}')), {column}) = 1"
    if rule.own and (prefix == "view" or rule.own_writes):
        condition += f" OR {table}.{rule.own} = (SELECT access_user())"
    if rule.unowned and prefix == "view":
        condition += f" OR ({column} IS NULL AND (SELECT access_whole('view_{rule.room}')))"
    if rule.during and prefix == "view":
        days = _days(rule.during, table)
        condition += (
            f" OR ((SELECT access_has_former('{rule.room}'))"
            f" AND access_was_own('{rule.room}', {column}::bigint, {days}))"
        )
    return condition


def _days(during: str, table: str) -> str:
    """The days of a row as a `daterange`; NULL means whenever."""
    if during == "ever":
        return "NULL"
    if "(" in during:
        return f"daterange({during}, {during}, '[]')"
    column = f"{table}.{during}"
    return column if _is_range(table, during) else f"daterange({column}, {column}, '[]')"


def _is_range(table: str, column: str) -> bool:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table == table:
            field = next(f for f in model._meta.concrete_fields if f.column == column)
            return field.get_internal_type() == "DateRangeField" or "Range" in type(field).__name__
    raise LookupError(table)


def statements() -> list[str]:
    """Every statement that makes the database's grants and policies, in order."""
    room = resources.files("gangmu.foundation.access")
    lines = [
        *(room.joinpath(file).read_text("utf-8") for file in FUNCTIONS),
        CLOSE_FUNCTIONS,
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {WEB}, PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {WEB}, {SYSTEM}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {SYSTEM}",
        # Keys are identity columns, whose numbers need no grant. `access_bits` reads how far organisations' go.
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {WEB}, PUBLIC",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {SYSTEM}",
        f"GRANT SELECT ON SEQUENCE parties_organisation_id_seq TO {WEB}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    ]
    for model, rule in declared_tables():
        if rule is None:
            raise LookupError(f"{model._meta.label} does not declare row_security")
        lines += _table_statements(model, rule)
    return lines


def _table_statements(model: type[models.Model], rule: RowSecurity) -> list[str]:
    """Grants and policies of one table.

    A model may say `updatable = (columns)`: rows are added and never removed, and only those columns change;
    `web_writes = False`: the web role reads only; `web_reads = (columns)`: it reads only those.
    """
    table = model._meta.db_table
    updatable = getattr(model, "updatable", None)
    lines = []
    if updatable is not None:
        lines.append(f'REVOKE UPDATE, DELETE ON "{table}" FROM {SYSTEM}')
        if updatable:
            lines.append(f'GRANT UPDATE ({", ".join(updatable)}) ON "{table}" TO {SYSTEM}')
    return lines + _web_statements(model, rule)


def _web_statements(model: type[models.Model], rule: RowSecurity) -> list[str]:
    table = model._meta.db_table
    if isinstance(rule, Plumbing):
        return [f'GRANT {rule.privileges} ON "{table}" TO {WEB}']
    lines = [f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY']
    lines += [f'DROP POLICY IF EXISTS {name} ON "{table}"' for name in ("reads", "adds", "changes", "removes")]
    if isinstance(rule, SystemOnly):
        return lines
    lines.append(f'CREATE POLICY reads ON "{table}" FOR SELECT TO {WEB} USING ({visible(rule, table)})')
    readable = getattr(model, "web_reads", "*")
    columns = "" if readable == "*" else " (" + ", ".join(f'"{name}"' for name in readable) + ")"
    lines.append(f'GRANT SELECT{columns} ON "{table}" TO {WEB}')
    if isinstance(rule, Whole) or (isinstance(rule, Everyone) and not rule.write):
        return lines
    if not getattr(model, "web_writes", True):
        return lines
    writable = visible(rule, table, "change")
    lines += [
        f'CREATE POLICY adds ON "{table}" FOR INSERT TO {WEB} WITH CHECK ({writable})',
        f'CREATE POLICY changes ON "{table}" FOR UPDATE TO {WEB} USING ({writable}) WITH CHECK ({writable})',
        f'CREATE POLICY removes ON "{table}" FOR DELETE TO {WEB} USING ({writable})',
    ]
    updatable = getattr(model, "updatable", None)
    if updatable is None:
        lines.append(f'GRANT INSERT, UPDATE, DELETE ON "{table}" TO {WEB}')
    else:
        lines.append(f'GRANT INSERT ON "{table}" TO {WEB}')
        if updatable:
            lines.append(f'GRANT UPDATE ({", ".join(updatable)}) ON "{table}" TO {WEB}')
    return lines


def install_row_security(connection: BaseDatabaseWrapper) -> None:
    """Make the database's grants and policies what the models declare. Needs the owner's connection."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for statement in statements():
            cursor.execute(statement)
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone()[0]:
            for function in LEAKPROOF:
                cursor.execute(f"ALTER FUNCTION pg_catalog.{function} LEAKPROOF")
            for function in LARGE_OBJECTS:
                cursor.execute(f"REVOKE EXECUTE ON FUNCTION pg_catalog.{function} FROM PUBLIC")
