"""What the workers do about accounts by themselves, each with a record."""

from dataclasses import asdict

from django.conf import settings
from procrastinate.contrib.django import app

from gangmu.foundation.accounts import lifecycle
from gangmu.foundation.accounts.directories.models import Directory
from gangmu.foundation.accounts.directories.services import Followed, follow
from gangmu.foundation.records.services import note, note_refusal


@app.periodic(cron="23 18 * * *", periodic_id="accounts.dormant")  # 02:23 in Shanghai
@app.task(name="gangmu.accounts.dormant", queueing_lock="gangmu.accounts.dormant")
def disable_dormant(timestamp: int) -> None:
    """Switch off accounts that nobody uses; tell of those that several people perhaps share."""
    if settings.DEMONSTRATION:  # its people are made up, and most never come
        return
    for user in lifecycle.disable_dormant():
        note("accounts.dormant-disabled", subject=user, organisation=user.organisation)
    for user, places in lifecycle.perhaps_shared():
        note("accounts.perhaps-shared", subject=user, organisation=user.organisation, data={"addresses": places})


@app.periodic(cron="*/15 * * * *", periodic_id="accounts.wipe")
@app.task(name="gangmu.accounts.wipe", queueing_lock="gangmu.accounts.wipe")
def wipe(timestamp: int) -> None:
    """Remove what is left of secrets that are over."""
    wiped = asdict(lifecycle.wipe())
    if any(wiped.values()):
        note("accounts.wiped", data=wiped)


@app.periodic(cron="*/10 * * * *", periodic_id="accounts.directories")
@app.task(name="gangmu.accounts.directories", queueing_lock="gangmu.accounts.directories")
def follow_directories(timestamp: int) -> None:
    """Switch off the accounts of people whom their directory has switched off."""
    for directory in Directory.on():
        tell(follow(directory))


def tell(found: Followed) -> None:
    """Write down what a look at a directory found."""
    code = found.directory.code
    if found.away:
        note_refusal("accounts.directory-away", data={"directory": code, "why": found.away})
    if found.refused:
        note("accounts.directory-doubted", data={"directory": code, "gone": found.refused})
    for user, why in found.disabled:
        data = {"directory": code, "why": why}
        note("accounts.directory-disabled", subject=user, organisation=user.organisation, data=data)
