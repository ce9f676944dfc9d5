"""`gangmu audit verify`: recomputes everything that records promise and names what does not hold."""

from django.db import connection, transaction

from gangmu.foundation.records import chain
from gangmu.foundation.records.verify.installation import check_installation
from gangmu.foundation.records.verify.report import Finding, Report
from gangmu.foundation.records.verify.rows import check_rows
from gangmu.foundation.records.verify.seals import check_seals
from gangmu.foundation.records.verify.tables import check_tables


def verify() -> Report:
    """Check the chain, its copy, every record, every table that keeps history, and the triggers that write it.

    Needs the system's or the owner's connection. Nothing is sealed or purged meanwhile; other work goes on.
    """
    report = Report()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [chain.LOCK])
        chain.stable_text(cursor)
        check_installation(cursor, report)
        seals = check_seals(cursor, report)
        purged_models = check_rows(cursor, report, seals)
        check_tables(cursor, report, purged_models)
    return report


__all__ = ["Finding", "Report", "verify"]
