"""Definitions that are kept in versions: what is under way keeps the one it began with.

A definition is shipped with the product or local. What is shipped never displaces what is local; it is kept beside it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from django.db import connection, models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.parties.kinds import Words
from gangmu.foundation.parties.models.organisations import Named
from gangmu.foundation.settings import clock

Source = Literal["shipped", "local"]


class Versioned(Named):
    """One version of a definition. `digest` is the SHA-256 by which a definition is known again."""

    code = models.CharField(_("code"), max_length=64)
    version = models.PositiveIntegerField(_("version"))
    definition = models.JSONField(_("definition"))
    digest = models.CharField(max_length=64)
    is_current = models.BooleanField(_("in force"), default=True)
    source = models.CharField(_("source"), max_length=8, choices=[("shipped", _("shipped")), ("local", _("local"))])
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(name="a_version_of_a_%(class)s_is_one", fields=["code", "version"]),
            models.UniqueConstraint(
                name="one_version_of_a_%(class)s_is_in_force", fields=["code"], condition=Q(is_current=True)
            ),
        ]


Version = TypeVar("Version", bound=Versioned)


@dataclass(frozen=True)
class Loaded(Generic[Version]):
    """What became of a definition: the version that holds it, whether that was made now, whether it is in force."""

    row: Version
    is_new: bool
    in_force: bool


@transaction.atomic
def put(model: type[Version], code: str, name: Words, given: Mapping[str, Any], source: Source) -> Loaded[Version]:
    """Keep a definition: the same again changes nothing, another one becomes a new version."""
    with connection.cursor() as cursor:  # two loads at once would both make the next version
        cursor.execute(f'LOCK TABLE "{model._meta.db_table}" IN SHARE ROW EXCLUSIVE MODE')
    text = json.dumps(given, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()
    versions = list(model._default_manager.filter(code=code).order_by("version"))
    current = next((one for one in versions if one.is_current), None)
    takes_over = current is None or source == "local" or current.source != "local"
    newest = next((one for one in reversed(versions) if one.source == source), None)
    if newest and newest.digest == digest and (newest is current or not takes_over):
        return Loaded(newest, is_new=False, in_force=newest is current)
    if current and takes_over:
        model._default_manager.filter(pk=current.pk).update(is_current=False)
    made = model._default_manager.create(
        code=code,
        version=versions[-1].version + 1 if versions else 1,
        name_zh=name.zh,
        name_en=name.en,
        definition=json.loads(text),
        digest=digest,
        is_current=takes_over,
        source=source,
        created_at=clock.now(),
    )
    return Loaded(made, is_new=True, in_force=takes_over)
