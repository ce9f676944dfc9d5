"""What the workers do for reports by themselves."""

from procrastinate.contrib.django import app

from gangmu.figures.reports import distributing, services


@app.periodic(cron="*/5 * * * *", periodic_id="reports.issue-due")
@app.task(name="gangmu.reports.issue-due", queueing_lock="gangmu.reports.issue-due")
def issue_due(timestamp: int) -> None:
    """Issue the reports that are due, and again those that have been approved or have changed."""
    services.issue_due()


@app.periodic(cron="* * * * *", periodic_id="reports.distribute-due")
@app.task(name="gangmu.reports.distribute-due", queueing_lock="gangmu.reports.distribute-due")
def distribute_due(timestamp: int) -> None:
    """Send the editions that were issued by hand."""
    distributing.distribute_due()
