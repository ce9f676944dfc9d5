"""One row (or two: before and after the move) of every table that has an owner. A new table joins by a line here."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.apps import apps
from django.db import models

from gangmu.business.power.models import UnitEvent
from gangmu.duties.norms import queries as norms
from gangmu.duties.norms.models import Baseline
from gangmu.duties.norms.services import freeze_baseline
from gangmu.duties.resources import models as resources
from gangmu.figures.curves.models import Curve, CurveDay
from gangmu.figures.filing.models import Batch, Fact, Scenario
from gangmu.figures.indicators.models import Indicator
from gangmu.figures.pivots.models import Pivot, Use
from gangmu.figures.publications.models import Grant, Publication
from gangmu.figures.reports.models import Edition, EditionFile, Receipt, Subscription
from gangmu.foundation.access.declarations import declared_tables
from gangmu.foundation.access.models import Assignment, Review, ReviewLine, ReviewPart, Role
from gangmu.foundation.accounts.models import (
    Certificate,
    Challenge,
    Identity,
    Passkey,
    RecoveryCode,
    SignIn,
    Totp,
    User,
)
from gangmu.foundation.approvals import subjects
from gangmu.foundation.approvals.models import Case, Decision, Leave, Place, Reminder, Signature, SigningRequest
from gangmu.foundation.approvals.routes import load_routes
from gangmu.foundation.boards.models import Arrangement
from gangmu.foundation.documents.models import Document
from gangmu.foundation.jobs.models import Job
from gangmu.foundation.notices.models import Notice
from gangmu.foundation.parties.models import (
    Appointment,
    AttributeValue,
    Body,
    Change,
    Contact,
    Organisation,
    Placement,
    Post,
    Roster,
    Shift,
    Succession,
)
from gangmu.foundation.records.models import Alarm
from gangmu.foundation.records.services import note
from gangmu.foundation.settings.rowsecurity import ByOrganisation, ByParent, ByUser
from gangmu.foundation.ui.models import SavedView, Submission
from gangmu.shell.organisations.models import Draft
from gangmu.shell.people.models import Intake
from gangmu.shell.testing.worlds import make_user
from matrix import grades
from matrix.sheets import SheetRows

BEFORE, AFTER, MINE = "MARKBEFORE", "MARKAFTER", "MARKMINE"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def owned_tables() -> list[tuple[type[models.Model], Any]]:
    """Every table whose rows belong to an organisation or a user."""
    return [(model, rule) for model, rule in declared_tables() if isinstance(rule, ByOrganisation | ByUser | ByParent)]


def make_rows(clerk: User) -> dict[str, dict[str, list[Any]]]:
    """{model label: {mark: primary keys}} of the rows made."""
    unit = Organisation.objects.get(code="P1U1")
    context = {"clerk": clerk, "unit": unit, "plant": Organisation.objects.get(code="P1")}
    rows: dict[str, dict[str, list[Any]]] = {}
    for model, _rule in owned_tables():
        label = model._meta.label
        if label not in FACTORIES:
            raise LookupError(f"{label} has rows with an owner: add a row of it to tests/matrix/rows.py")
        rows[label] = {mark: [one.pk for one in made] for mark, made in FACTORIES[label](**context).items()}
    return rows


Made = dict[str, list[models.Model]]
Factory = Callable[..., Made]


def _organisation(plant: Organisation, **_: Any) -> Made:
    return {BEFORE: [plant]}


def _placement(plant: Organisation, **_: Any) -> Made:
    first, second = Placement.objects.filter(child=plant).order_by("valid")
    return {BEFORE: [first], AFTER: [second]}


def _attribute(unit: Organisation, **_: Any) -> Made:
    AttributeValue.objects.filter(organisation=unit, name="fuel").delete()
    make = AttributeValue.objects.create
    return {
        BEFORE: [make(organisation=unit, name="fuel", value=f"{BEFORE}fuel", valid=("2020-01-01", "2026-06-01"))],
        AFTER: [make(organisation=unit, name="fuel", value=f"{AFTER}fuel", valid=("2026-06-01", None))],
    }


def _fact(unit: Organisation, **_: Any) -> Made:
    indicator = Indicator.objects.create(
        code="matrix", name_zh="矩阵", name_en="matrix", over_time="sum", over_organisations="sum"
    )
    batch = Batch.objects.create(kind="import", key="matrix", recorded_at=NOW)
    scenario = Scenario.objects.get(code="actual")
    return {
        mark: [
            Fact.objects.create(
                indicator=indicator, scenario=scenario, organisation=unit, period=day, batch=batch, value=1, state=5
            )
        ]
        for mark, day in ((BEFORE, "2026-05-31"), (AFTER, "2026-06-01"))
    }


def _curve_day(plant: Organisation, **_: Any) -> Made:
    indicator = Indicator.objects.create(
        code="matrix_curve", name_zh="矩阵曲线", name_en="matrix curve", unit="MWh", level="plant", over_time="sum",
        over_organisations="sum",
    )  # fmt: skip
    curve = Curve.objects.create(indicator=indicator, unit="MW", precision=0)
    scenario = Scenario.objects.get(code="actual")
    made: Made = {}
    for mark, day in ((BEFORE, "2026-05-31"), (AFTER, "2026-06-01")):
        source = f"{mark}curveday"
        batch = Batch.objects.create(kind="import", key=source, source=source, recorded_at=NOW)
        made[mark] = [
            CurveDay.objects.create(
                indicator=curve, scenario=scenario, organisation=plant, day=day, batch=batch, points=[7] * 96, state=5
            )
        ]
    return made


def _dated(model: type[models.Model], **fields: Any) -> Factory:
    """Two rows of a dated table of the parties room, one on either side of the move."""

    def make(plant: Organisation, **_: Any) -> Made:
        made: Made = {}
        for mark, days in ((BEFORE, ("2020-01-01", "2026-06-01")), (AFTER, ("2026-06-01", None))):
            name = f"{mark}{model._meta.model_name}"
            values = {key: value(plant, mark) if callable(value) else value for key, value in fields.items()}
            if any(field.name == "code" for field in model._meta.fields):
                values["code"] = name
            if any(field.name == "name_en" for field in model._meta.fields):
                values |= {"name_zh": name, "name_en": name}
            if any(field.name == "valid" for field in model._meta.fields):
                values["valid"] = days
            made[mark] = [model._default_manager.create(organisation=plant, **values)]
        return made

    return make


def _change(plant: Organisation, **_: Any) -> Made:
    told = {"verb": "move", "from_date": "2026-06-01", "subjects": [plant.pk], "made_at": NOW}
    image = {"placements": {}, "attributes": {}, "names": {}}
    made = {"organisation": plant, "reason": f"{AFTER}change", "before": image, "after": image, **told}
    return {AFTER: [Change.objects.create(**made)]}


def _draft(plant: Organisation, clerk: User, **_: Any) -> Made:
    asked = {"code": "P1", "to": "R2", "from": "2026-12-01"}
    by = {"made_by": clerk, "made_by_name": "x", "made_at": NOW}
    draft = Draft(organisation=plant, verb="move", asked=asked, reason=f"{AFTER}draft", **by)
    draft.save()
    return {AFTER: [draft]}


def _succession(plant: Organisation, unit: Organisation, **_: Any) -> Made:
    (change,) = _change(plant)[AFTER]
    made = Succession(organisation=plant, successor=unit, from_date="2026-06-01", change=change)
    made.save()
    return {AFTER: [made]}


def _holder(plant: Organisation, mark: str) -> models.Model:
    number = Contact.objects.count()
    return Contact.objects.create(
        organisation=plant, name_zh=f"{mark}{number}", phone=f"{number}", valid=("2020-01-01", None)
    )


def _post(plant: Organisation, mark: str) -> models.Model:
    return Post.objects.create(
        organisation=plant, code=f"p{Post.objects.count()}", name_zh=f"{mark}post", valid=("2020-01-01", None)
    )


def _roster(plant: Organisation, mark: str) -> models.Model:
    return Roster.objects.create(
        organisation=plant, code=f"r{Roster.objects.count()}", name_zh=f"{mark}roster", valid=("2020-01-01", None)
    )


def _shift(plant: Organisation, **_: Any) -> Made:
    made: Made = {}
    for mark, day in ((BEFORE, date(2026, 5, 31)), (AFTER, date(2026, 6, 1))):
        begins = datetime.combine(day, time(1), UTC)
        made[mark] = [
            Shift.objects.create(
                organisation=plant,
                roster=_roster(plant, mark),
                contact=_holder(plant, mark),
                role="primary",
                day=day,
                during=(begins, begins + timedelta(hours=8)),
            )
        ]
    return made


def _user(plant: Organisation, **_: Any) -> Made:
    user = make_user("matrix-colleague")
    User.objects.filter(pk=user.pk).update(organisation=plant, name=f"{AFTER}user")
    return {AFTER: [user]}


def _assignment(plant: Organisation, **_: Any) -> Made:
    colleague = User.objects.filter(username="matrix-colleague").first() or make_user("matrix-assigned")
    role = Role.objects.create(code="marked", name_zh="标", name_en="Marked", permissions=["none:view"])
    given = {"user": colleague, "role": role, "organisation": plant}
    return {AFTER: [Assignment.objects.create(**given, because=f"{AFTER}assignment")]}


def _review_part(plant: Organisation, **_: Any) -> Made:
    review, _made = Review.objects.get_or_create(quarter="2026-Q4", defaults={"due": "2026-12-01", "opened_at": NOW})
    return {AFTER: [ReviewPart.objects.get_or_create(review=review, organisation=plant)[0]]}


def _review_line(plant: Organisation, clerk: User, **_: Any) -> Made:
    (part,) = _review_part(plant)[AFTER]
    held = {"user": clerk, "role": Role.objects.get(code="marked"), "reach": "branch", "valid_from": "2026-06-01"}
    return {AFTER: [ReviewLine.objects.create(part=part, organisation=plant, words=f"{AFTER}reviewline", **held)]}


def _document(plant: Organisation, **_: Any) -> Made:
    return {
        AFTER: [
            Document.objects.create(
                organisation=plant,
                name=f"{AFTER}document.pdf",
                title=f"{AFTER}document",
                media_type="application/pdf",
                size=1,
                sha256="0" * 64,
                uploaded_at=NOW,
            )
        ]
    }


def _job(clerk: User, **_: Any) -> Made:
    return {MINE: [Job.objects.create(kind="matrix", owner=clerk, key="matrix", message=f"{MINE}job", created_at=NOW)]}


def _notice(clerk: User, **_: Any) -> Made:
    return {MINE: [Notice.objects.create(user=clerk, kind="matrix", text=f"{MINE}notice", created_at=NOW)]}


def _intake(clerk: User, **_: Any) -> Made:
    fields = {"username": f"{MINE}intake", "organisation": "P1", **dict.fromkeys(("name_zh", "name_en", "post"), "")}
    fields |= dict.fromkeys(("part", "telephone", "mail", "valid_from", "valid_to"), "")
    lines = [{"number": 2, "fields": fields, "faults": []}]
    return {MINE: [Intake.objects.create(by=clerk, file=f"{MINE}intake.csv", lines=lines, handing="sheet")]}


PAPER = "matrix.paper"


def paper() -> subjects.SubjectKind:
    """What the matrix's case is about."""
    return subjects.SubjectKind(PAPER, "Paper", "figures:approve", "figures:file", lambda _: {}, str, lambda *_: None)


def _case_of(plant: Organisation, clerk: User) -> Case:
    """The clerk's case, made once."""
    found = Case.objects.filter(kind=PAPER).first()
    if found:
        return found
    if PAPER not in {kind.code for kind in subjects.kinds()}:
        subjects.register(paper())
    node = {"code": "plant", "name": {"zh": "厂", "en": "Plant"}, "who": {"role": "reviewer", "at": "subject"}}
    definition = {"code": "matrix", "name": {"zh": "矩阵", "en": "Matrix"}, "nodes": [node]}
    (loaded,) = load_routes([definition], "local")
    return Case.objects.create(
        kind=PAPER,
        subject_id=1,
        organisation=plant,
        route=loaded.row,
        state="open",
        path=[{"node": "plant", "at": plant.pk, "users": [], "skipped": ""}],
        step=0,
        askers=[clerk.pk],
        requested_by=clerk,
        requested_by_name=f"{AFTER}case",
        requested_at=NOW,
        content_hash="0" * 64,
        since=NOW,
    )


def _case(plant: Organisation, clerk: User, **_: Any) -> Made:
    return {AFTER: [_case_of(plant, clerk)]}


def _place(plant: Organisation, clerk: User, **_: Any) -> Made:
    case = _case_of(plant, clerk)
    asked = {"users": [clerk.pk], "question": f"{AFTER}place", "kind": "consult"}
    place = Place(case=case, organisation=plant, number=1, round=1, step=0, status="open", opened_at=NOW, **asked)
    place.save()
    return {AFTER: [place]}


def _decision(plant: Organisation, clerk: User, **_: Any) -> Made:
    who = {"decided_by": clerk, "decided_by_name": "clerk", "decided_at": NOW}
    said = {"action": "submit", "words": f"{AFTER}decision", "content_hash": "0" * 64, "key": "matrix"}
    case = _case_of(plant, clerk)
    return {AFTER: [Decision.objects.create(case=case, organisation=plant, number=1, round=1, **who, **said)]}


def _leave(plant: Organisation, clerk: User, **_: Any) -> Made:
    away = make_user("matrix-away")
    days = ("2026-06-01", "2027-01-01")
    leave = Leave(user=away, user_name=f"{AFTER}leave", organisation=plant, stand_in=clerk, valid=days)
    leave.set_by, leave.set_at = away, NOW
    leave.save()
    return {AFTER: [leave]}


def _reminder(plant: Organisation, clerk: User, **_: Any) -> Made:
    people = {"to": clerk, "to_name": "clerk", "by": clerk, "by_name": "clerk"}
    case = _case_of(plant, clerk)
    return {AFTER: [Reminder.objects.create(case=case, organisation=plant, at=NOW, words=f"{AFTER}reminder", **people)]}


def _to_sign(plant: Organisation, clerk: User, mark: str, action: str) -> SigningRequest:
    """A decision of the clerk's on their case, with which a signature fits."""
    case, words = _case_of(plant, clerk), f"{mark}signature"
    told = {
        "case": case.pk,
        "kind": case.kind,
        "subject": 1,
        "title": words,
        "organisation": plant.code,
        "route": {"code": "matrix", "version": 1, "sha256": "0" * 64},
        "round": 1,
        "node": "plant",
        "action": action,
        "to": "",
        "reason": "",
        "words": words,
        "content_sha256": "0" * 64,
        "signer": {"username": "clerk", "name": "clerk"},
        "at": NOW.isoformat(),
    }
    valid = {"made_at": NOW, "valid_until": NOW + timedelta(days=3650)}
    return SigningRequest.objects.create(
        user=clerk, case=case, action=action, given={}, nonce=mark, text=json.dumps(told), **valid
    )


def _signing_request(plant: Organisation, clerk: User, **_: Any) -> Made:
    return {MINE: [_to_sign(plant, clerk, MINE, "approve")]}


def _signature(plant: Organisation, clerk: User, **_: Any) -> Made:
    request = _to_sign(plant, clerk, AFTER, "submit")
    who = {"decided_by": clerk, "decided_by_name": "clerk", "decided_at": NOW, "key": "matrix-signed"}
    said = {"action": "submit", "words": f"{AFTER}signature", "content_hash": "0" * 64}
    decision = Decision.objects.create(case=request.case, organisation=plant, number=2, round=1, **who, **said)
    made = {"signed_by": clerk, "signed_by_name": "clerk", "text": request.text, "cms": b"0", "certificate": "x"}
    holder = {"chain": "x", "subject": "CN=x", "issuer": "CN=x", "serial": "1", "fingerprint": "1", "verified_at": NOW}
    return {
        AFTER: [
            Signature.objects.create(
                decision=decision, case=request.case, organisation=plant, request=request, **made, **holder
            )
        ]
    }


def _alarm(plant: Organisation, **_: Any) -> Made:
    times = {"first_at": NOW, "last_at": NOW, "raised_at": NOW}
    return {AFTER: [Alarm.objects.create(sign="chain", about=f"{AFTER}alarm", organisation=plant, count=1, **times)]}


def _saved_view(clerk: User, **_: Any) -> Made:
    return {MINE: [SavedView.objects.create(user=clerk, page="organisations", name=f"{MINE}view", query="kind=plant")]}


def _submission(clerk: User, **_: Any) -> Made:
    return {MINE: [Submission.objects.create(user=clerk, key=f"{MINE}key", path="/")]}


def _arrangement(clerk: User, **_: Any) -> Made:
    tiles = [{"id": f"{MINE}tile", "x": 0, "y": 0, "w": 4, "h": 4, "shown": True}]
    return {MINE: [Arrangement.objects.create(user=clerk, board="plant", tiles=tiles)]}


def _publication(plant: Organisation, **_: Any) -> Made:
    """Of the plant's own figures, and to nobody outside its scope."""
    made = Publication.objects.create(
        organisation=plant,
        name_zh=f"{AFTER}publication",
        name_en=f"{AFTER}publication",
        indicators=["generation"],
        grains=["day"],
        figures_from="2026-01-01",
        valid=("2026-06-01", None),
        made_at=NOW,
    )
    return {AFTER: [made]}


def _grant(plant: Organisation, **_: Any) -> Made:
    made = _publication(plant)[AFTER][0]
    return {AFTER: [Grant.objects.create(publication=made, organisation=plant)]}


def _pivot(plant: Organisation, clerk: User, **_: Any) -> Made:
    """Of the clerk, shared with whoever may see figures of the plant."""
    query = "indicator=matrix&place=P1&period=2026-05"
    made = Pivot.objects.create(user=clerk, organisation=plant, name=f"{AFTER}pivot", query=query)
    return {AFTER: [made]}


def _use(plant: Organisation, clerk: User, **_: Any) -> Made:
    made = Pivot.objects.create(user=clerk, name=f"{MINE}used", query="indicator=matrix&place=P1&period=2026-06")
    return {MINE: [Use.objects.create(user=clerk, pivot=made, on_home=True)]}


def _unit_event(unit: Organisation, **_: Any) -> Made:
    words = f"{AFTER}unitevent"
    made = UnitEvent.objects.create(
        organisation=unit, kind="start", happened_at=NOW, words=words, recorded_at=NOW, recorded_by_name="x"
    )
    return {AFTER: [made]}


def _resource(plant: Organisation, **_: Any) -> Made:
    made = resources.Resource(organisation=plant, code=f"{AFTER}resource", name_en=f"{AFTER}resource", kind="system")
    made.valid = ("2026-06-01", None)
    made.save()
    return {AFTER: [made]}


def _dependency(plant: Organisation, **_: Any) -> Made:
    below = resources.Resource(organisation=plant, code=f"{AFTER}feed", name_en=f"{AFTER}feed", kind="feed")
    below.valid = ("2026-06-01", None)
    below.save()
    above = resources.Resource.objects.get(code=f"{AFTER}resource")
    given = {"organisation": plant, "remark": f"{AFTER}dependency", "valid": ("2026-06-01", None)}
    return {AFTER: [resources.Dependency.objects.create(resource=above, on=below, **given)]}


def _resources_intake(clerk: User, **_: Any) -> Made:
    return {MINE: [resources.Intake.objects.create(by=clerk, file=f"{MINE}resources", lines=[])]}


def _baseline_of(plant: Organisation) -> Baseline:
    """A baseline of the plant, frozen once."""
    return freeze_baseline(None, plant, f"{AFTER}baseline", norms.current_edition("JR/T-0133-2015"), "A2B1", {})


def _baseline(plant: Organisation, **_: Any) -> Made:
    return {AFTER: [_baseline_of(plant)]}


def _baseline_entry(plant: Organisation, **_: Any) -> Made:
    return {AFTER: list(_baseline_of(plant).entries.all()[:1])}


def _edition_of(plant: Organisation, mark: str, day: str) -> Edition:
    """The plant's edition of a day, made once."""
    found = Edition.objects.filter(report=f"{mark}edition").first()
    told = {"reason": "manual", "digest": "0" * 64, "content": {}, "issued_at": NOW, "number": 1}
    return found or Edition.objects.create(
        report=f"{mark}edition", organisation=plant, period=day, last_day=day, **told
    )


def _edition(plant: Organisation, **_: Any) -> Made:
    return {mark: [_edition_of(plant, mark, day)] for mark, day in ((BEFORE, "2026-05-31"), (AFTER, "2026-06-01"))}


def _edition_file(plant: Organisation, **_: Any) -> Made:
    (document,) = _document(plant)[AFTER]
    edition = _edition_of(plant, AFTER, "2026-06-01")
    return {AFTER: [EditionFile.objects.create(edition=edition, language="en", kind="pdf", document=document)]}


def _receipt(plant: Organisation, clerk: User, **_: Any) -> Made:
    edition = _edition_of(plant, AFTER, "2026-06-01")
    return {AFTER: [Receipt.objects.create(edition=edition, user=clerk, name=f"{AFTER}receipt", sent_at=NOW)]}


def _subscription(plant: Organisation, clerk: User, **_: Any) -> Made:
    return {
        MINE: [Subscription.objects.create(user=clerk, report=f"{MINE}report", organisation=plant, since=NOW)],
    }


def _record(model_label: str) -> Factory:
    """History and events are written by the database alone: the rows of P1's own making are found, not made."""

    def found(plant: Organisation, **_: Any) -> Made:
        model = apps.get_model(model_label)
        if model_label == "records.Event":
            note("matrix.noted", organisation=plant, data={"mark": f"{AFTER}event"})
        else:
            AttributeValue.objects.filter(organisation=plant, name="province").delete()
            AttributeValue.objects.create(
                organisation=plant, name="province", value=f"{AFTER}history", valid=("2026-06-01", None)
            )
        rows = list(model.objects.filter(organisation=plant).order_by("-pk"))
        if not rows:
            raise LookupError(f"{model_label} has no row of {plant.code}")
        return {AFTER: rows}

    return found


def _of_ones_account(model: type[models.Model], **values: Any) -> Factory:
    def made(clerk: User, **_kwargs: Any) -> Made:
        return {MINE: [model.objects.create(user=clerk, **values)]}  # type: ignore[attr-defined]

    return made


FACTORIES: dict[str, Factory] = {
    "accounts.SignIn": _of_ones_account(
        SignIn, session_key="0" * 40, site="business", method=f"{MINE}signin", opened_at=NOW, seen_at=NOW
    ),
    "accounts.Totp": _of_ones_account(Totp, secret=f"{MINE}totp"),
    "accounts.RecoveryCode": _of_ones_account(RecoveryCode, digest=f"{MINE}recovery"),
    "accounts.Passkey": _of_ones_account(
        Passkey, credential=b"matrix", public_key=b"matrix", name=f"{MINE}passkey", created_at=NOW
    ),
    "accounts.Challenge": _of_ones_account(Challenge, digest=f"{MINE}challenge", sent_at=NOW, expires_at=NOW),
    "accounts.Identity": _of_ones_account(
        Identity, directory="group", subject=f"{MINE}entry", login=f"{MINE}login", bound_at=NOW
    ),
    "accounts.Certificate": _of_ones_account(
        Certificate,
        fingerprint=f"{MINE}certificate",
        issuer="CN=matrix",
        serial="1",
        subject=f"CN={MINE}certificate",
        valid_to=NOW,
        bound_at=NOW,
    ),
    "parties.Organisation": _organisation,
    "parties.Placement": _placement,
    "parties.AttributeValue": _attribute,
    "parties.Change": _change,
    "parties.Succession": _succession,
    "organisations.Draft": _draft,
    "parties.Body": _dated(Body),
    "parties.Post": _dated(Post),
    "parties.Contact": _dated(Contact, phone="1"),
    "parties.Appointment": _dated(Appointment, post=_post, contact=_holder, role="primary"),
    "parties.Roster": _dated(Roster),
    "parties.Shift": _shift,
    "filing.Fact": _fact,
    "curves.CurveDay": _curve_day,
    "accounts.User": _user,
    "access.Assignment": _assignment,
    "access.ReviewPart": _review_part,
    "access.ReviewLine": _review_line,
    "documents.Document": _document,
    "people.Intake": _intake,
    "jobs.Job": _job,
    "notices.Notice": _notice,
    "approvals.Case": _case,
    "approvals.Place": _place,
    "approvals.Decision": _decision,
    "approvals.Leave": _leave,
    "approvals.Reminder": _reminder,
    "approvals.SigningRequest": _signing_request,
    "approvals.Signature": _signature,
    "records.Alarm": _alarm,
    "ui.SavedView": _saved_view,
    "ui.Submission": _submission,
    "boards.Arrangement": _arrangement,
    "power.UnitEvent": _unit_event,
    **grades.FACTORIES,
    "norms.Baseline": _baseline,
    "norms.BaselineEntry": _baseline_entry,
    "resources.Resource": _resource,
    "resources.Dependency": _dependency,
    "resources.Intake": _resources_intake,
    "reports.Edition": _edition,
    "reports.EditionFile": _edition_file,
    "reports.Receipt": _receipt,
    "reports.Subscription": _subscription,
    "pivots.Pivot": _pivot,
    "pivots.Use": _use,
    "publications.Publication": _publication,
    "publications.Grant": _grant,
    "records.History": _record("records.History"),
    "records.Event": _record("records.Event"),
    **SheetRows(AFTER, NOW).factories,
}
