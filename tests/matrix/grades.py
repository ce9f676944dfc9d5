"""Rows of grading for the matrix: a system of plant P1 with a grading, a confirmation, a certificate and a gate."""

from datetime import UTC, datetime
from typing import Any

from django.db import models

from gangmu.duties.grading.models import Certificate, Confirmation, GoLive, GoLiveFile, Grading
from gangmu.duties.resources.models import Resource
from gangmu.foundation.accounts.models import User
from gangmu.foundation.documents.models import Document
from gangmu.foundation.parties.models import Organisation

AFTER = "MARKAFTER"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
Made = dict[str, list[models.Model]]


def _system(plant: Organisation) -> Resource:
    """The plant's resource of the matrix, whose row comes before these."""
    return Resource.objects.get(code=f"{AFTER}resource", organisation=plant)


def _grading_of(plant: Organisation, clerk: User) -> Grading:
    system = _system(plant)
    found = Grading.objects.filter(resource=system).first()
    if found is None:
        found = Grading.objects.create(
            resource=system, organisation=plant, scheme="HS/T-42", number=1, kind="first",
            factors={"realtime": "high", "impact": "major"}, calculation={"scheme": "HS/T-42", "steps": []}, result="1",
            source="printed", reason=f"{AFTER}grading", parties=["business"], asked_by=clerk, asked_by_name="clerk",
            asked_at=NOW,
        )  # fmt: skip
        Grading.objects.filter(pk=found.pk).update(status="submitted")
    return found


def _file(plant: Organisation, name: str) -> Document:
    return Document.objects.create(
        organisation=plant, name=f"{AFTER}{name}.pdf", title=f"{AFTER}{name}", media_type="application/pdf", size=1,
        sha256="0" * 64, uploaded_at=NOW,
    )  # fmt: skip


def _golive_of(plant: Organisation, clerk: User) -> GoLive:
    given = {"organisation": plant, "backup_policy": f"{AFTER}golive", "asked_by": clerk, "asked_at": NOW}
    return GoLive.objects.get_or_create(resource=_system(plant), defaults=given)[0]


def grading(plant: Organisation, clerk: User, **_: Any) -> Made:
    return {AFTER: [_grading_of(plant, clerk)]}


def confirmation(plant: Organisation, clerk: User, **_: Any) -> Made:
    given = {"party": "business", "user": clerk, "user_name": f"{AFTER}confirmation", "contact_id": clerk.contact_id}
    of = _grading_of(plant, clerk)
    return {AFTER: [Confirmation.objects.create(grading=of, organisation=plant, confirmed_at=NOW, **given)]}


def certificate(plant: Organisation, clerk: User, **_: Any) -> Made:
    given = {"kind": "pdf", "language": "zh", "document": _file(plant, "certificate")}
    return {AFTER: [Certificate.objects.create(grading=_grading_of(plant, clerk), organisation=plant, **given)]}


def golive(plant: Organisation, clerk: User, **_: Any) -> Made:
    return {AFTER: [_golive_of(plant, clerk)]}


def golive_file(plant: Organisation, clerk: User, **_: Any) -> Made:
    given = {"item": "monitoring", "document": _file(plant, "golivefile")}
    return {AFTER: [GoLiveFile.objects.create(golive=_golive_of(plant, clerk), organisation=plant, **given)]}


FACTORIES = {
    "grading.Grading": grading,
    "grading.Confirmation": confirmation,
    "grading.Certificate": certificate,
    "grading.GoLive": golive,
    "grading.GoLiveFile": golive_file,
}
