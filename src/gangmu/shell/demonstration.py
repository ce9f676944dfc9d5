"""Preparing the demonstration: real plants, made figures, one account a role. Never outside demonstration mode."""

import os
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from importlib import resources
from pathlib import Path

from django.db import transaction

from gangmu.business.power.demonstration import staging
from gangmu.business.power.demonstration.figures import Unit, figures, write_facts
from gangmu.figures.cube import services as cube
from gangmu.figures.filing.importing import load_facts
from gangmu.figures.filing.models import Fact, Sheet
from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import AttributeValue, Organisation, Placement
from gangmu.foundation.parties.services import load_organisations
from gangmu.foundation.settings import clock

DAYS = 62
ORGANISATIONS = "organisations.csv"
LOCKED_SHEETS = 3  # days before today of which every plant has a sheet
PASSWORD = "gangmu-demonstration"  # noqa: S105 (known on purpose: the demonstration listens on loopback only)
ACCOUNTS = [
    ("group", "集团营销主管", "Group marketing manager", "manager", "DEMO"),
    ("region", "华东审核人", "East China reviewer", "reviewer", "EAST"),
    ("plant", "电厂填报员", "Plant clerk", "clerk", "401"),
    ("review", "电厂审核人", "Plant reviewer", "reviewer", "401"),
    ("admin", "业务管理员", "Business administrator", "business_administrator", "DEMO"),
    ("audit", "审计管理员", "Audit administrator", "audit_administrator", "DEMO"),
]


def prepare(*, say: Callable[[str], object]) -> None:
    """Load what is missing, up to yesterday. Safe to repeat."""
    if os.environ.get("GANGMU_DEMONSTRATION") != "1":
        raise RuntimeError("the demonstration is prepared in demonstration mode only")
    strangers = User.objects.exclude(username__in=[username for username, *_rest in ACCOUNTS])
    if strangers.exclude(username__startswith=staging.STAFF).exists():
        raise RuntimeError(
            "there are accounts of real people here: make the demonstration in a folder of its own (GANGMU_HOME). "
            "此处已有真实账号：请用 GANGMU_HOME 另设目录运行演示环境。"
        )
    content = resources.files("gangmu.business.power.demonstration")
    if not Organisation.objects.exists():
        say("loading real plants 正在导入真实电厂 …")
        with resources.as_file(content.joinpath(ORGANISATIONS)) as path:
            result = load_organisations(path)
        if result.problems:
            raise RuntimeError("; ".join(map(str, result.problems[:5])))
    _make_accounts()
    _make_figures(say)
    cube.fold()


def known_passwords() -> list[str]:
    """The accounts that can be signed in to with the demonstration's password, which everybody can read here."""
    users = User.objects.filter(username__in=[username for username, *_rest in ACCOUNTS], is_active=True)
    return sorted(user.username for user in users if user.check_password(PASSWORD))


@transaction.atomic
def _make_accounts() -> None:
    for username, name, _english, role, place in ACCOUNTS:
        if User.objects.filter(username=username).exists():
            continue
        organisation = Organisation.objects.get(code=place)
        user = User(username=username, name=name, organisation=organisation)
        user.set_password(PASSWORD)
        user.save()
        held = Role.objects.get(code=role)
        Assignment.objects.create(user=user, role=held, organisation=organisation, valid_from=staging.SINCE)


def _make_figures(say: Callable[[str], object]) -> None:
    yesterday = clock.today() - timedelta(days=1)
    newest = Fact.objects.order_by("-period").values_list("period", flat=True).first()
    first = yesterday - timedelta(days=DAYS - 1)
    if newest is not None:
        first = max(first, newest + timedelta(days=1))
    if first > yesterday:
        return
    say(f"making figures {first} … {yesterday} 正在生成演示数据 …")
    fuels, units = _plants(), _units()
    filed = _filed()
    kept = staging.kept_for_sheets(yesterday) | filed
    of_plants: dict[str, list[str]] = {}
    for unit in units:
        of_plants.setdefault(unit.plant, []).append(unit.code)
    leave_out = kept | {(unit, day) for plant, day in kept for unit in of_plants.get(plant, ())}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "demonstration.csv"
        left = write_facts(path, figures(units, first, yesterday), leave_out)
        result = load_facts(path)
    if result.problems:
        raise RuntimeError("; ".join(map(str, result.problems[:5])))
    say("filing yesterday's sheets 正在填报昨日数据 …")
    with transaction.atomic():
        staging.lock_the_rest(max(first, yesterday - timedelta(days=LOCKED_SHEETS - 1)), yesterday, fuels)
        if not filed and first <= yesterday - timedelta(days=2):
            staging.stage(left, of_plants, yesterday)


def _filed() -> set[tuple[str, date]]:
    """The plants and days of which there are sheets: their figures are the plants' own."""
    return set(Sheet.objects.exclude(status=Sheet.Status.LOCKED).values_list("organisation__code", "period"))


def _plants() -> dict[str, str]:
    """The fuel of each plant, as it stands today."""
    held = AttributeValue.objects.filter(name="fuel", valid__contains=clock.today(), organisation__kind="plant")
    return dict(held.values_list("organisation__code", "value"))


def _units() -> list[Unit]:
    """The units with their plant's fuel, as they stand today."""
    today, fuels = clock.today(), _plants()
    plants = dict(Placement.objects.filter(valid__contains=today).values_list("child_id", "parent__code"))
    capacities = AttributeValue.objects.filter(
        name="capacity_mw", valid__contains=today, organisation__kind="unit"
    ).select_related("organisation")
    return [
        Unit(one.organisation.code, float(one.number), fuels[plant], plant)
        for one in capacities.order_by("organisation__code")
        if (plant := plants[one.organisation_id])
    ]
