"""What procrastinate calls. Its tables are the queue; what people see of a job is in `Job`."""

from procrastinate.contrib.django import app

from gangmu.foundation.jobs import running
from gangmu.foundation.jobs.services import TASK
from gangmu.foundation.records import services as records

EVERY_MINUTE = "* * * * *"


@app.task(name=TASK)
def run(job: int) -> None:
    """Do one job."""
    running.run(job)


@app.periodic(cron=EVERY_MINUTE, periodic_id="seal")
@app.task(name="gangmu.records.seal", queueing_lock="gangmu.records.seal")
def seal(timestamp: int) -> None:
    """Seal what has happened since the last seal."""
    records.seal_pending()
