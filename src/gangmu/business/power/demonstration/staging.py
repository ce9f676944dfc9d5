"""Yesterday's sheets of a dozen plants, each at another stage, so that every account has something to do.

| account | finds |
| --- | --- |
| plant | a draft begun, a sheet returned, units' events that propose what to file |
| review | a sheet that waits for the plant's review |
| region | eight sheets that wait for the region, some with warnings and the clerks' words |
| group | two sheets that wait for the group |
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from gangmu.business.power import services as log
from gangmu.business.power.demonstration.figures import Figure
from gangmu.business.power.unit_days import What
from gangmu.figures.filing.layouts import layout
from gangmu.figures.filing.models import Form, Sheet, State
from gangmu.figures.filing.queries.checking import examine
from gangmu.figures.filing.services.opening import due_at, locks_at, open_sheet
from gangmu.figures.filing.services.saving import Edit, save_cells
from gangmu.figures.filing.services.submitting import submit_sheet
from gangmu.figures.filing.services.words import explain
from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.access.scope import scope_of
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals.models import Case
from gangmu.foundation.approvals.services import approve, return_
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.periods.period import Period
from gangmu.foundation.settings import clock

SINCE = date(2000, 1, 1)  # since when the demonstration's people hold their roles
STAFF = "demo-"  # accounts that nobody can sign in to: they stand for the other plants' people
OWN = "401"  # where the accounts `plant` and `review` are at home
WAITING_FOR_REGION = ("402", "403", "404", "405", "406", "407", "408", "409")
WAITING_FOR_GROUP = ("410", "411")
BEGUN, RETURNED = "412", "413"
STAGED = (OWN, *WAITING_FOR_REGION, *WAITING_FOR_GROUP, BEGUN, RETURNED)
MISSING = ("501", "525", "601", "639")  # of these nothing has come yet
FORM_OF = {"coal": "coal_daily", "hydro": "hydro_daily", "nuclear": "nuclear_daily"}
CHANGES = {  # what is unusual: an indicator of the plant times a factor; and what the clerk says of it
    "403": ("coal_stock", "1.02", "煤场盘点尚未完成，明日补报盘点盈亏。"),
    "405": ("on_grid_energy", "1.04", "关口表倍率更换当日，按调度机构数据填报。"),
    "408": ("coal_heating_value", "0.38", "入炉煤化验仪器检修，采用入厂煤收到基数据。"),
}
WORDS = "已与运行日志核对，数据属实。"


@dataclass(frozen=True)
class Staff:
    """Who files and who reviews at a plant."""

    clerk: User
    reviewer: User


def kept_for_sheets(yesterday: date) -> set[tuple[str, date]]:
    """Plants and days whose figures come through sheets, not as facts."""
    earlier = {(OWN, yesterday - timedelta(days=1)), (OWN, yesterday - timedelta(days=2))}
    return {(code, yesterday) for code in (*STAGED, *MISSING)} | earlier


def stage(made: Iterable[Figure], units: Mapping[str, Sequence[str]], yesterday: date) -> None:
    """Fill in, submit, return and approve the sheets.

    Args:
        made: the figures that were kept for them.
        units: the codes of each plant's units.
    """
    values: dict[tuple[str, date], dict[tuple[str, str], str]] = {}
    plant_of = {unit: plant for plant, its_units in units.items() for unit in its_units}
    for one in made:
        plant = plant_of.get(one.organisation, one.organisation)
        values.setdefault((plant, one.day), {})[one.organisation, one.indicator] = one.value
    own = Staff(User.objects.get(username="plant"), User.objects.get(username="review"))
    region, regions = User.objects.get(username="region"), {*WAITING_FOR_GROUP, RETURNED}
    for days_before in (2, 1):
        day = yesterday - timedelta(days=days_before)
        with morning_after(day):
            case = _submitted(OWN, own, day, values[OWN, day])
            if days_before == 1:
                reason = "2号机组发电量与运行日志不一致，请核对后重新提交。"
                return_(case.pk, by=own.reviewer, seen=case.content_hash, key=f"demo-return-{OWN}", reason=reason)
    with morning_after(yesterday):
        _events(units[OWN], yesterday, own.clerk)
        _begun(OWN, own.clerk, yesterday, values[OWN, yesterday])
        _begun(BEGUN, _staff(BEGUN).clerk, yesterday, values[BEGUN, yesterday])
        for code in (*WAITING_FOR_REGION, *WAITING_FOR_GROUP, RETURNED):
            staff = _staff(code)
            case = _submitted(code, staff, yesterday, values[code, yesterday])
            approve(case.pk, by=staff.reviewer, seen=case.content_hash, key=f"demo-plant-{code}")
            if code in regions:
                _by_region(code, case, region)


def _by_region(code: str, case: Case, region: User) -> None:
    key = f"demo-region-{code}"
    if code == RETURNED:
        reason = "来煤量与燃料系统相差较大，请核实。"
        return_(case.pk, by=region, seen=case.content_hash, key=key, reason=reason)
    else:
        approve(case.pk, by=region, seen=case.content_hash, key=key)


def lock_the_rest(first: date, last: date, fuels: Mapping[str, str]) -> None:
    """Sheets of plants whose figures were loaded as locked facts: locked, for as many days as people look back."""
    forms = {form.code: form for form in Form.objects.filter(code__in=FORM_OF.values(), is_current=True)}
    plants = {one.code: one for one in Organisation.objects.filter(code__in=fuels)}
    there = set(Sheet.objects.filter(period__gte=first).values_list("organisation_id", "period"))
    kept = kept_for_sheets(last)
    sheets = []
    for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        for code, plant in plants.items():
            if fuels[code] in FORM_OF and (code, day) not in kept and (plant.pk, day) not in there:
                sheets.append(_locked_sheet(forms[FORM_OF[fuels[code]]], plant, Period.day(day)))
    Sheet.objects.bulk_create(sheets, batch_size=1000)


def _locked_sheet(form: Form, plant: Organisation, period: Period) -> Sheet:
    definition = form.defined
    due = due_at(definition, period) or clock.now()
    locked = min(locks_at(definition, period) or clock.now(), clock.now())
    return Sheet(
        form=form,
        form_code=form.code,
        organisation=plant,
        period=period.start,
        status=Sheet.Status.LOCKED,
        state=State.LOCKED,
        due_at=due,
        opened_at=min(due, locked) - timedelta(hours=2),
        first_submitted_at=min(due, locked) - timedelta(hours=1),
        submitted_at=min(due, locked) - timedelta(hours=1),
        approved_at=locked,
        locked_at=locked,
    )


@contextmanager
def morning_after(day: date) -> Iterator[datetime]:
    """The time at which a day is filed: ten to eight on the next, or now when that has not come."""
    moment = datetime.combine(day + timedelta(days=1), time(7, 50), clock.BUSINESS_ZONE)
    with clock.frozen(min(moment, clock.now())) as frozen:
        yield frozen


# Sheets ---------------------------------------------------------------------------------------------------------------


def _submitted(code: str, staff: Staff, day: date, values: Mapping[tuple[str, str], str]) -> Case:
    sheet = _open(code, staff.clerk, day)
    changed = dict(values)
    words = WORDS
    if code in CHANGES:
        indicator, factor, words = CHANGES[code]
        value = Decimal(values[code, indicator])
        changed[code, indicator] = str((value * Decimal(factor)).quantize(value))
    _fill(sheet, changed, staff.clerk)
    for finding in examine([sheet])[sheet.pk].unexplained:
        explain(sheet, finding, words=words, by=staff.clerk)
    return submit_sheet(sheet, by=staff.clerk, key=f"demo-{code}-{day}")


def _begun(code: str, clerk: User, day: date, values: Mapping[tuple[str, str], str]) -> None:
    """A draft: the units' figures without the last one's, nothing of the plant yet."""
    sheet = _open(code, clerk, day)
    units = sorted({one for one, _indicator in values} - {code})
    _fill(sheet, {key: value for key, value in values.items() if key[0] in units[:-1]}, clerk)


def _open(code: str, clerk: User, day: date) -> Sheet:
    plant = Organisation.objects.get(code=code)
    return open_sheet(FORM_OF["coal"], plant, Period.day(day), by=clerk)


def _fill(sheet: Sheet, values: Mapping[tuple[str, str], str], clerk: User) -> None:
    rows = {row.code: pk for pk, row in layout(sheet).rows.items()}
    edits = [Edit(rows[code], indicator, value) for (code, indicator), value in values.items() if code in rows]
    saved = save_cells(sheet, edits, by=clerk, key="")
    if saved.faults or saved.conflicts:
        raise RuntimeError(f"{sheet}: {[*saved.faults.items(), *saved.conflicts][:3]}")
    sheet.refresh_from_db()


def _events(units: Sequence[str], day: date, clerk: User) -> None:
    """A derating, and a stop in the evening before: what the log proposes differs from what stands in the draft."""
    scope = scope_of(clerk)
    first, second = Organisation.objects.filter(code__in=units).order_by("code")[:2]

    def at(hour: int, minute: int, before: int = 0) -> datetime:
        return datetime.combine(day - timedelta(days=before), time(hour, minute), clock.BUSINESS_ZONE)

    def record(unit: Organisation, what: What, moment: datetime, **given: str | Decimal) -> None:
        log.record_event(unit, what, moment, by=clerk, scope=scope, **given)  # pyright: ignore[reportArgumentType]

    record(
        first, What.DERATE, at(13, 20), cause="fuel_quality", available_mw=Decimal(200), words="煤质偏湿，给煤机断煤"
    )
    record(first, What.RESTORE, at(17, 45))
    record(second, What.STOP, at(22, 10, before=1), cause="boiler", words="水冷壁泄漏")
    record(second, What.START, at(15, 30))


# People ---------------------------------------------------------------------------------------------------------------


def _staff(code: str) -> Staff:
    plant = Organisation.objects.get(code=code)
    return Staff(_person(plant, "clerk", "填报员"), _person(plant, "reviewer", "审核人"))


def _person(plant: Organisation, role: str, name: str) -> User:
    user = User.objects.filter(username=f"{STAFF}{plant.code}-{role}").first()
    if user is None:
        user = User(
            username=f"{STAFF}{plant.code}-{role}",
            name=f"{plant.name_zh[:40]}{name}",
            organisation=plant,
            phone=f"000-0000-{plant.code}",
        )
        user.set_unusable_password()
        user.save()
        held = Role.objects.get(code=role)
        Assignment.objects.create(user=user, role=held, organisation=plant, valid_from=SINCE)
    return user
