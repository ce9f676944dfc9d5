"""The calendar opens the entitlement review of each quarter."""

from datetime import timedelta

from procrastinate.contrib.django import app

from gangmu.foundation.access import services
from gangmu.foundation.access.models import Review
from gangmu.foundation.periods.kinds import Kind
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

FIRST_DAYS = timedelta(days=31)  # a server that stood still at the turn of the quarter opens it later
PATIENCE = timedelta(days=30)


@app.periodic(cron="7 22 * * *", periodic_id="roles.open-review")  # 06:07 in Shanghai
@app.task(name="gangmu.roles.open-review", queueing_lock="gangmu.roles.open-review")
def open_review(timestamp: int) -> None:
    """Open the review of a quarter that has begun."""
    today = clock.today()
    quarter = Period.of(Kind.QUARTER, today)
    if today - quarter.start < FIRST_DAYS and not Review.objects.filter(quarter=quarter.code).exists():
        services.open_review(str(quarter.code), today + PATIENCE)
