"""What the workers do for grading by themselves."""

from procrastinate.contrib.django import app

from gangmu.duties.grading.services.telling import tell_inherited as tell


@app.periodic(cron="*/15 * * * *", periodic_id="grading.tell-inherited")
@app.task(name="gangmu.grading.tell-inherited", queueing_lock="gangmu.grading.tell-inherited")
def tell_inherited(timestamp: int) -> None:
    """Tell the owners of supporting systems whose inherited grade has changed."""
    tell()
