"""What the workers do for documents by themselves."""

from procrastinate.contrib.django import app

from gangmu.foundation.documents import services


@app.periodic(cron="17 19 * * *", periodic_id="tidy-documents")  # 03:17 in Shanghai
@app.task(name="gangmu.documents.tidy-up", queueing_lock="gangmu.documents.tidy-up")
def tidy_up(timestamp: int) -> None:
    """Remove content that no document refers to any more."""
    services.tidy_up()
