"""Preparing the demonstration: real plants, made figures, one account a role. Never outside demonstration mode."""

import json
import os
from collections.abc import Callable
from datetime import date, timedelta
from importlib import resources
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from gangmu.business.grading.demonstration import PARTIES, grade_systems
from gangmu.business.power.demonstration import scenes, staging
from gangmu.business.power.demonstration.curves import make_curves
from gangmu.business.power.demonstration.events import make_events
from gangmu.business.power.demonstration.figures import Plant, blocks, plants_of
from gangmu.business.power.demonstration.filing import LastDays
from gangmu.business.power.demonstration.people import SINCE, STAFF
from gangmu.business.power.demonstration.publications import publish_hours
from gangmu.business.power.demonstration.resources import register_systems
from gangmu.figures.cube import services as cube
from gangmu.figures.filing.bulk import record_blocks
from gangmu.figures.filing.models import Batch, Fact
from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.accounts.models import Credential, User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.parties.services import load_organisations
from gangmu.foundation.settings import clock

DAYS = 730
LOGGED_DAYS = 60  # of which the log of units tells starts and stops
ORGANISATIONS = "organisations.csv"
SOURCE = "演示数据 demonstration 2"  # with another number, what an earlier version has prepared is not continued
PASSWORD = "gangmu-demonstration"  # noqa: S105 (known on purpose: the demonstration listens on loopback only)


class NotPrepared(RuntimeError):
    """What is in this folder is no demonstration of this version; says what to do."""


class Account(NamedTuple):
    """An account that anybody may use in the demonstration."""

    username: str
    name: str
    english: str
    role: str
    place: str


ACCOUNTS = [
    Account("leader", "集团领导", "Group executive", "viewer", "DEMO"),
    Account("group", "集团营销主管", "Group marketing manager", "manager", "DEMO"),
    Account("region", "华东审核人", "East China reviewer", "reviewer", "EAST"),
    Account("plant", "电厂填报员", "Plant clerk", "clerk", "401"),
    Account("review", "电厂审核人", "Plant reviewer", "reviewer", "401"),
    Account("business", "系统业务方", "Business side of systems", "system_business", "DEMO"),
    Account("technical", "技术主管部门", "Technical department", "system_technical", "DEMO"),
    Account("sponsor", "技术承办单位", "Technology sponsor", "system_sponsor", "DEMO"),
    Account("operation", "系统运维方", "Operation of systems", "system_operation", "DEMO"),
    Account("admin", "业务管理员", "Business administrator", "business_administrator", "DEMO"),
    Account("system", "系统管理员", "System administrator", "system_administrator", "DEMO"),
    Account("security", "安全管理员", "Security administrator", "security_administrator", "DEMO"),
    Account("audit", "审计管理员", "Audit administrator", "audit_administrator", "DEMO"),
]


def prepare(*, say: Callable[[str], object]) -> None:
    """Make what is missing, up to yesterday: all of it or nothing. Safe to repeat, and after one that was killed."""
    if os.environ.get("GANGMU_DEMONSTRATION") != "1":
        raise RuntimeError("the demonstration is prepared in demonstration mode only")
    _refuse_others()
    with transaction.atomic():
        if not Organisation.objects.exists():
            say("loading real plants 正在导入真实电厂 …")
            content = resources.files("gangmu.business.power.demonstration")
            with resources.as_file(content.joinpath(ORGANISATIONS)) as path:
                result = load_organisations(path)
            if result.problems:
                raise RuntimeError("; ".join(map(str, result.problems[:5])))
        _make_accounts()
        register_systems()
        grade_systems(_parties())
        _make_figures(say)
    if not cube.is_fresh():
        say("adding up 正在汇总 …")
        cube.fold()


def known_passwords() -> list[str]:
    """The accounts that can be signed in to with the demonstration's password, which everybody can read here."""
    users = User.objects.filter(username__in=[account.username for account in ACCOUNTS], is_active=True)
    return sorted(user.username for user in users if user.check_password(PASSWORD))


def _refuse_others() -> None:
    """What is no demonstration, or an earlier version's, stays as it is."""
    strangers = User.objects.exclude(username__in=[account.username for account in ACCOUNTS])
    if strangers.exclude(username__startswith=STAFF).exists():
        raise NotPrepared(
            "there are accounts of real people here: make the demonstration in a folder of its own (GANGMU_HOME). "
            "此处已有真实账号：请用 GANGMU_HOME 另设目录运行演示环境。"
        )
    if Fact.objects.exists() and not Batch.objects.filter(source=SOURCE).exists():
        raise NotPrepared(
            f"what is in {settings.GANGMU_HOME} was prepared by an earlier version: remove that folder and start "
            "again, or set GANGMU_HOME to another. 此目录中的演示环境由旧版本生成："
            "请删除该目录后重新启动，或用 GANGMU_HOME 另设目录。"
        )


@transaction.atomic
def _make_accounts() -> None:
    there = set(User.objects.values_list("username", flat=True))
    hashed = make_password(PASSWORD)  # once: it takes its time on purpose
    for account in ACCOUNTS:
        if account.username in there:
            continue
        organisation = Organisation.objects.get(code=account.place)
        user = User(username=account.username, name=account.name, organisation=organisation)
        user.save()
        Credential.objects.create(user=user, password=hashed, changed_at=clock.now())
        held = Role.objects.get(code=account.role)
        Assignment.objects.create(user=user, role=held, organisation=organisation, valid_from=SINCE)


def _parties() -> dict[str, User]:
    """The parties' accounts, and somebody who prepares gradings: nobody can sign in to that one."""
    organisation = Organisation.objects.get(code="DEMO")
    asker, made = User.objects.get_or_create(
        username=f"{STAFF}systems", defaults={"name": "系统建设专责", "organisation": organisation}
    )
    if made:
        held = Role.objects.get(code="system_sponsor")
        Assignment.objects.create(user=asker, role=held, organisation=organisation, valid_from=SINCE)
    return {party: User.objects.get(username=party) for party in PARTIES} | {"asker": asker}


def _make_figures(say: Callable[[str], object]) -> None:
    yesterday = clock.today() - timedelta(days=1)
    newest = _newest_day()
    first = yesterday - timedelta(days=DAYS - 1) if newest is None else newest + timedelta(days=1)
    if first > yesterday:
        return
    say(f"making figures {first} … {yesterday} 正在生成演示数据 …")
    plants, region_of = _plants(yesterday), _regions(yesterday)
    parts = scenes.cast(plants, region_of)
    kept = scenes.through_sheets(plants, parts, yesterday, first, everybody=newest is None)
    last_days = LastDays(kept, _filers(plants))
    record_blocks(last_days.passed(blocks(plants, first, yesterday)), source=SOURCE)
    say("filing sheets 正在填报、审批 …")
    staging.lock_history(plants, first, yesterday, kept)
    staging.stage(last_days.figures, plants, region_of, parts, yesterday)
    make_events(max(first - timedelta(days=1), yesterday - timedelta(days=LOGGED_DAYS)), yesterday)
    publish_hours("DEMO", first)
    make_curves(plants, first, yesterday)


def _newest_day() -> date | None:
    """The last day that was filed, by most."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT period FROM filing_sheet WHERE status IN ('submitted', 'approved', 'locked') GROUP BY period"
            " HAVING 2 * count(*) > (SELECT count(*) FROM filing_sheet"
            "  WHERE period = (SELECT min(period) FROM filing_sheet)) ORDER BY period DESC LIMIT 1"
        )
        found = cursor.fetchone()
    return found[0] if found else None


# The plants -----------------------------------------------------------------------------------------------------------


def _plants(day: date) -> list[Plant]:
    """Who files, as it stands on a day: what was opened, closed or changed in the back office counts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.code, o.kind, coalesce(u.code, ''), coalesce(to_char(("
            "  SELECT min(lower(e.valid)) FROM parties_placement e WHERE e.child_id = o.id), 'YYYY-MM-DD'), ''),"
            " coalesce((SELECT jsonb_object_agg(a.name, a.value) FROM parties_attributevalue a"
            "  WHERE a.organisation_id = o.id AND a.valid @> %(day)s), '{}')::text"
            " FROM parties_placement p JOIN parties_organisation o ON o.id = p.child_id"
            " LEFT JOIN parties_organisation u ON u.id = p.parent_id WHERE p.valid @> %(day)s ORDER BY o.id",
            {"day": day},
        )
        rows = cursor.fetchall()
    names = ("capacity_mw", "fuel", "province", "longitude", "latitude", "cogeneration")
    return list(
        plants_of(
            {"code": code, "kind": kind, "parent": parent, "valid_from": since}
            | {name: held.get(name, "") for held in [json.loads(attributes)] for name in names}
            for code, kind, parent, since, attributes in rows
        )
    )


def _filers(plants: list[Plant]) -> dict[str, str]:
    """Who files the figures of each organisation."""
    filers = {plant.code: plant.code for plant in plants}
    for plant in plants:
        filers |= dict.fromkeys([*(unit.code for unit in plant.units), *plant.reservoirs], plant.code)
    return filers


def _regions(day: date) -> dict[str, str]:
    """The region that each organisation stands under."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.code, r.code FROM parties_membership m JOIN parties_organisation o ON o.id = m.organisation_id"
            " JOIN parties_organisation r ON r.id = m.ancestor_id"
            " WHERE r.kind = 'region' AND m.depth > 0 AND m.valid @> %s",
            [day],
        )
        return dict(cursor.fetchall())
