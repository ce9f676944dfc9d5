"""Files 文档: a row says what a file is and whose; the content lies in the data folder under its hash."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Concat, Lower
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock
from gangmu.foundation.settings.rowsecurity import ByOrganisation


class Document(models.Model):
    """One file, of an organisation (`organisation`) or of one user alone (`owner`: results of jobs, drafts).

    `search` is the lower-cased title and name in which every character outside ASCII stands twice: so a word of two
    Chinese characters has the three letters in a row that a trigram index needs (see `queries.needle`).
    """

    row_security = ByOrganisation(room="documents", own="owner_id", own_writes=True)
    keeps_history = True
    history_ignores = ("search",)

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("organisation")
    )
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    name = models.CharField(_("file name"), max_length=200)
    title = models.CharField(_("title"), max_length=200, blank=True)
    media_type = models.CharField(_("type"), max_length=127)
    size = models.BigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64, db_index=True, editable=False)
    uploaded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), default=clock.now)
    search = models.GeneratedField(
        expression=Func(
            Lower(Concat(F("title"), Value(" "), F("name"))),
            Value(r"([^\x01-\x7f])"),
            Value(r"\1\1"),
            Value("g"),
            function="regexp_replace",
        ),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-id"]
        indexes = [
            GinIndex(OpClass(F("search"), "gin_trgm_ops"), name="documents_search"),
            models.Index(name="documents_of_an_organisation", fields=["organisation", "-id"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_document_is_of_an_organisation_or_of_one_user",
                condition=Q(organisation__isnull=False, owner__isnull=True)
                | Q(organisation__isnull=True, owner__isnull=False),
            ),
            models.CheckConstraint(name="a_document_has_a_name", condition=~Q(name="")),
            models.CheckConstraint(name="a_document_has_a_hash", condition=Q(sha256__regex="^[0-9a-f]{64}$")),
        ]

    def __str__(self) -> str:
        return self.title or self.name
