"""Background work of the pages."""

from procrastinate.contrib.django import app

from . import once


@app.periodic(cron="20 3 * * *", periodic_id="ui.forget-old-submissions")
@app.task(name="gangmu.ui.forget_old_submissions", queueing_lock="gangmu.ui.forget_old_submissions")
def forget_old_submissions(timestamp: int) -> None:
    """Delete the keys of forms that nobody can send a second time any more."""
    once.forget_old_submissions()
