"""What happened: the history of rows, the events, and the seals that tie both.

`History` and `Event` are written only by functions of the database that run with its owner's rights
(`functions.sql`); no role that the product signs in with may change them. `Seal` is the chain over both.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings.rowsecurity import ByOrganisation, SystemOnly


class Record(models.Model):
    """What a history row and an event have in common.

    `at` is our clock's instant, `written_at` the database's. They differ by more than a day only in processes whose
    clock stands still, which `fixed_clock` says. `xact` is the number of the writing transaction, never used twice,
    by which a seal knows its rows. No foreign key is enforced: a record outlives what it speaks of.
    """

    by = models.ForeignKey(
        User, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="+", verbose_name=_("by")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("organisation"),
    )
    role = models.TextField(_("database role"))
    request = models.TextField(_("request"), blank=True)
    at = models.DateTimeField(_("at"))
    written_at = models.DateTimeField(_("written at"))
    fixed_clock = models.BooleanField(_("clock stood still"))
    xact = models.BigIntegerField(_("number of the transaction"), db_index=True)

    class Meta:
        abstract = True


class History(Record):
    """One change of one row of a model with `keeps_history`, with the row's image before and after.

    Columns named in the model's `history_excludes` (secrets) are in neither image; that they changed is in `changed`.
    Those in `history_ignores` are in neither, and a change of them alone is none.
    """

    row_security = ByOrganisation(room="records", own="by_id", unowned=True)
    web_writes = False
    keeps_history = False

    class Operation(models.TextChoices):
        BASELINE = "baseline", _("as found")
        INSERT = "insert", _("added")
        UPDATE = "update", _("changed")
        DELETE = "delete", _("removed")

    model = models.TextField(_("kind of row"))  # the model's label in lower case, "parties.organisation"
    row = models.TextField(_("row"))  # its primary key; several columns are joined by commas
    operation = models.CharField(_("operation"), max_length=8, choices=Operation.choices)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    changed = models.JSONField(_("changed columns"), null=True)

    class Meta:
        verbose_name = _("history")
        verbose_name_plural = _("history")
        indexes = [
            models.Index(name="records_history_of_a_row", fields=["model", "row", "id"]),
            models.Index(name="records_history_organisation", fields=["organisation", "id"]),
            models.Index(name="records_history_by", fields=["by", "id"]),
            models.Index(name="records_history_at", fields=["at"]),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.model}:{self.row}"


class Event(Record):
    """Something that was done or decided, or (`refused`) attempted in vain. `subject` is "app.model:pk" or empty."""

    row_security = ByOrganisation(room="records", own="by_id", unowned=True)
    web_writes = False
    keeps_history = False

    kind = models.TextField(_("kind"))
    refused = models.BooleanField(_("refused"), db_default=False)
    subject = models.TextField(_("subject"), blank=True)
    data = models.JSONField(_("data"))
    ip = models.GenericIPAddressField(_("address"), null=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(name="records_event_kind", fields=["kind", "id"]),
            models.Index(name="records_event_subject", fields=["subject", "id"]),
            models.Index(name="records_event_organisation", fields=["organisation", "id"]),
            models.Index(name="records_event_by", fields=["by", "id"]),
            models.Index(name="records_event_at", fields=["at"]),
            models.Index(name="records_event_refused", fields=["at"], condition=Q(refused=True)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Seal(models.Model):
    """One link of the chain: every record whose transaction number is in [from_xact, to_xact).

    `head` is the SHA-256 of the header (see `chain.Header`), which names the head before; `mac` is the head's HMAC
    with a key that the database does not hold. `own_xact` is the sealing transaction's number and `taken_at` the
    database's time before it was drawn: whatever has a higher number was written later.
    """

    row_security = SystemOnly()
    keeps_history = False

    number = models.BigIntegerField(_("number"), primary_key=True)
    format = models.SmallIntegerField()
    previous = models.CharField(max_length=64, blank=True)
    from_xact = models.BigIntegerField()
    to_xact = models.BigIntegerField()
    own_xact = models.BigIntegerField()
    taken_at = models.DateTimeField(_("taken at"))
    head = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")

    def __str__(self) -> str:
        return f"{self.number} {self.head[:12]}"


class SealPart(models.Model):
    """What a seal holds of one table: for each row its id and the SHA-256 of its text, in the order of ids.

    `digest` is the SHA-256 of `leaves`. The leaves let verification name the row that was changed, and stay behind
    when a row is purged.
    """

    row_security = SystemOnly()
    keeps_history = False

    pk = models.CompositePrimaryKey("seal_id", "table")
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="parts", db_index=False)
    table = models.CharField(max_length=8)
    count = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    leaves = models.BinaryField()

    class Meta:
        verbose_name = _("part of a seal")
        verbose_name_plural = _("parts of seals")

    def __str__(self) -> str:
        return f"{self.seal_id}/{self.table}"
