"""Every table that keeps history against that history: does each image continue the last, is the last what stands?"""

from django.db.backends.utils import CursorWrapper

from gangmu.foundation.records.install import image_sql, key_sql
from gangmu.foundation.records.kept import Kept, kept_tables
from gangmu.foundation.records.verify.report import Report

# Images are compared in the columns that both have: a migration that adds or drops a column changes no image.
DIFFERENCE = """
    (SELECT string_agg(key, ', ' ORDER BY key)
     FROM jsonb_each({one}) AS a(key, value) JOIN jsonb_each({other}) AS b(key, value) USING (key)
     WHERE a.value IS DISTINCT FROM b.value)
"""
BROKEN = f"""
    SELECT id, model, row, last_operation FROM (
        SELECT id, model, row, operation, before,
               lag(operation) OVER same AS last_operation, lag(after) OVER same AS last_after
        FROM records_history
        WINDOW same AS (PARTITION BY model, row ORDER BY id)
    ) AS h
    WHERE CASE
        WHEN last_operation IS NULL THEN operation NOT IN ('insert', 'baseline')
        WHEN last_operation = 'delete' THEN operation <> 'insert'
        ELSE operation NOT IN ('update', 'delete')
             OR (before <> last_after AND {DIFFERENCE.format(one="before", other="last_after")} IS NOT NULL)
    END
    ORDER BY id
"""
STANDING = """
    WITH last AS (
        SELECT DISTINCT ON (row) row AS key, id, operation, after
        FROM records_history WHERE model = %(model)s ORDER BY row, id DESC
    ), standing AS (
        SELECT {key} AS key, {image} AS image FROM public."{table}" AS t
    )
    SELECT key, last.id, standing.key IS NOT NULL, last.operation, {difference}
    FROM last FULL JOIN standing USING (key)
    WHERE last.id IS NULL
       OR (standing.key IS NULL) <> (last.operation = 'delete')
       OR (standing.image <> last.after AND {difference} IS NOT NULL)
    ORDER BY last.id
"""


def check_tables(cursor: CursorWrapper, report: Report, purged_models: set[str]) -> None:
    """Report breaks inside the history of any row, and rows that are not what their history says last."""
    cursor.execute(BROKEN)
    for row, model, key, last_operation in cursor.fetchall():
        if last_operation is not None or model not in purged_models:
            report.add("history-broken", row=row, model=model, key=key)
    for kept in kept_tables():
        _check_table(cursor, report, kept)


def _check_table(cursor: CursorWrapper, report: Report, kept: Kept) -> None:
    difference = DIFFERENCE.format(one="last.after", other="standing.image")
    cursor.execute(
        STANDING.format(table=kept.table, key=key_sql(kept), image=image_sql(kept), difference=difference),
        {"model": kept.model},
    )
    for key, row, stands, operation, columns in cursor.fetchall():
        if row is None or (stands and operation == "delete"):
            report.add("no-history", model=kept.model, key=key)
        elif not stands:
            report.add("gone", model=kept.model, key=key, row=row)
        else:
            report.add("image-differs", model=kept.model, key=key, row=row, columns=columns)
