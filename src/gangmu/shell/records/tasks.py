"""What the workers do about the record by themselves."""

from django.db import transaction
from procrastinate.contrib.django import app

from gangmu.foundation.records import alarms, purge
from gangmu.shell.records import jobkinds
from gangmu.shell.records.telling import tell
from gangmu.shell.records.verifying import verify_and_note

__all__ = ["carry_out_purges", "jobkinds", "sweep", "verify_nightly"]


@app.periodic(cron="* * * * *", periodic_id="records.sweep")
@app.task(name="gangmu.records.sweep", queueing_lock="gangmu.records.sweep")
def sweep(timestamp: int) -> None:
    """Look for signs of intrusion in the record, and tell of them."""
    with transaction.atomic():
        tell(alarms.sweep())


@app.periodic(cron="41 18 * * *", periodic_id="records.verify")  # 02:41 in Shanghai
@app.task(name="gangmu.records.verify", queueing_lock="gangmu.records.verify")
def verify_nightly(timestamp: int) -> None:
    """Verify the whole record."""
    with transaction.atomic():
        verify_and_note()


@app.periodic(cron="*/10 * * * *", periodic_id="records.purge")
@app.task(name="gangmu.records.purge", queueing_lock="gangmu.records.purge")
def carry_out_purges(timestamp: int) -> None:
    """Carry out purges that two people agreed to."""
    purge.carry_out_confirmed()
