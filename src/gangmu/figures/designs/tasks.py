"""What the workers do for designs by themselves."""

from procrastinate.contrib.django import app

from gangmu.figures.designs import issuing


@app.periodic(cron="2-59/5 * * * *", periodic_id="designs.issue-due")
@app.task(name="gangmu.designs.issue-due", queueing_lock="gangmu.designs.issue-due")
def issue_due(timestamp: int) -> None:
    """Issue the reports that are due and complete; say what is held back."""
    issuing.issue_due()
