"""Standards as they were loaded, edition by edition, and the baselines that were frozen of them.

What baselines stand on never changes: triggers (`functions.sql`) refuse it, whoever writes.
"""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings.rowsecurity import ByOrganisation, ByParent, Everyone


def in_language(zh: str, en: str) -> str:
    """Of two texts that of the active language."""
    return zh if (get_language() or "zh-hans").startswith("zh") else en


class Standard(models.Model):
    """A rule that somebody issued 标准."""

    row_security = Everyone()
    keeps_history = True

    code = models.CharField(_("code"), max_length=60, unique=True)  # as written on the command line
    slug = models.SlugField(max_length=60, unique=True)  # as it stands in addresses
    number = models.CharField(_("number"), max_length=60)  # as printed
    title_zh = models.CharField(_("Chinese title"), max_length=200)
    title_en = models.CharField(_("English title"), max_length=200)
    issuer_zh = models.CharField(max_length=200)
    issuer_en = models.CharField(max_length=200)

    class Meta:
        verbose_name = _("standard")
        verbose_name_plural = _("standards")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.number

    @property
    def title(self) -> str:
        return in_language(self.title_zh, self.title_en)

    @property
    def issuer(self) -> str:
        return in_language(self.issuer_zh, self.issuer_en)


class Edition(models.Model):
    """One edition of a standard 版本, whole: `content` is `standard.Standard.content`, `digest` its SHA-256."""

    row_security = Everyone()
    keeps_history = False  # loaded as a whole, noted as an event

    standard = models.ForeignKey(Standard, on_delete=models.PROTECT, related_name="editions")
    edition = models.CharField(_("edition"), max_length=40)
    in_force = models.DateField(_("in force since"), null=True)
    content = models.TextField(_("content"))  # its order counts, which jsonb would not keep
    digest = models.CharField(max_length=64)
    is_current = models.BooleanField(_("current"), default=True)
    loaded_at = models.DateTimeField(_("loaded at"))

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        constraints = [
            models.UniqueConstraint(name="a_standard_has_an_edition_once", fields=["standard", "edition"]),
            models.UniqueConstraint(
                name="a_standard_has_one_current_edition", fields=["standard"], condition=Q(is_current=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.standard.number} ({self.edition})"


class Clause(models.Model):
    """An entry of an edition 条款, under its printed key. `search` is what is looked through, pinyin included."""

    row_security = Everyone()
    keeps_history = False

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="clauses")
    position = models.PositiveIntegerField(_("position"))
    key = models.CharField(_("clause"), max_length=40)
    section = models.CharField(_("section"), max_length=40)
    topic = models.CharField(_("topic"), max_length=80)
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    search = models.TextField()

    class Meta:
        verbose_name = _("clause")
        verbose_name_plural = _("clauses")
        ordering = ["edition", "position"]
        constraints = [
            models.UniqueConstraint(name="a_clause_stands_once", fields=["edition", "key"]),
            models.UniqueConstraint(name="clauses_stand_in_order", fields=["edition", "position"]),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def name(self) -> str:
        return in_language(self.name_zh, self.name_en)


class Statement(models.Model):
    """One thing that a clause says 要求, its figures put in. `trigger` is what sets it off, if anything."""

    row_security = Everyone()
    keeps_history = False

    clause = models.ForeignKey(Clause, on_delete=models.CASCADE, related_name="statements")
    number = models.PositiveSmallIntegerField(_("number"))
    strength = models.CharField(_("strength"), max_length=8)
    bound = models.CharField(_("who is bound"), max_length=40)
    trigger = models.CharField(_("trigger"), max_length=60, blank=True)
    text_zh = models.TextField()
    text_en = models.TextField()
    parameters = models.JSONField(default=list)  # the names of those that its text gives

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["clause", "number"]
        constraints = [models.UniqueConstraint(name="statements_of_a_clause_are_numbered", fields=["clause", "number"])]

    def __str__(self) -> str:
        return f"{self.clause_id}/{self.number}"

    @property
    def text(self) -> str:
        return in_language(self.text_zh, self.text_en)


class Parameter(models.Model):
    """A figure of a clause 参数, exact: a number or a text as `standard.Parameter.as_json` gives it."""

    row_security = Everyone()
    keeps_history = False

    clause = models.ForeignKey(Clause, on_delete=models.CASCADE, related_name="parameters")
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=16)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    value = models.JSONField(_("value"))

    class Meta:
        verbose_name = _("parameter")
        verbose_name_plural = _("parameters")
        constraints = [models.UniqueConstraint(name="a_clause_has_a_parameter_once", fields=["clause", "name"])]

    def __str__(self) -> str:
        return f"{self.clause_id}/{self.name} = {self.value}"


class Reference(models.Model):
    """A section that a clause refers to 引用. Several of one clause are alternatives, in order."""

    row_security = Everyone()
    keeps_history = False

    clause = models.ForeignKey(Clause, on_delete=models.CASCADE, related_name="references")
    position = models.PositiveSmallIntegerField(_("position"))
    subject = models.CharField(_("subject"), max_length=60)
    section = models.CharField(_("section"), max_length=40)

    class Meta:
        verbose_name = _("reference")
        verbose_name_plural = _("references")
        ordering = ["clause", "position"]
        constraints = [models.UniqueConstraint(name="references_stand_in_order", fields=["clause", "position"])]

    def __str__(self) -> str:
        return f"{self.clause_id} → {self.section}"


class Baseline(models.Model):
    """The clauses that hold for one subject 基线, resolved and frozen for good.

    `subject` names a system, a service or a contract. `previous` is the baseline that it follows. `size` is the number
    of its entries, `digest` the SHA-256 of their canonical JSON.
    """

    row_security = ByOrganisation(room="norms")
    keeps_history = False
    updatable: tuple[str, ...] = ()

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    subject = models.CharField(_("subject"), max_length=200)
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="baselines", verbose_name=_("edition"))
    cell = models.CharField(_("cell"), max_length=200, blank=True)
    choices = models.JSONField(_("choices"), default=dict)
    previous = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="following")
    size = models.PositiveIntegerField(_("clauses"))
    digest = models.CharField(max_length=64)
    frozen_at = models.DateTimeField(_("frozen at"))
    frozen_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    frozen_by_name = models.CharField(_("frozen by"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("baseline")
        verbose_name_plural = _("baselines")
        ordering = ["-frozen_at", "-pk"]
        constraints = [
            models.CheckConstraint(name="a_baseline_has_a_subject", condition=~Q(subject="")),
            models.CheckConstraint(name="a_baseline_holds_something", condition=Q(size__gte=1)),
            models.UniqueConstraint(name="a_baseline_is_followed_once", fields=["previous"]),
        ]
        indexes = [models.Index(name="baselines_of_a_subject", fields=["organisation", "subject", "-id"])]

    def __str__(self) -> str:
        return f"{self.subject} · {self.edition} {self.cell}".rstrip()


class BaselineEntry(models.Model):
    """One clause of a baseline as it was when it was frozen: `content` is `resolving.entry_as_json`."""

    row_security = ByParent(field="baseline_id", parent="norms.Baseline")
    keeps_history = False
    updatable: tuple[str, ...] = ()

    baseline = models.ForeignKey(Baseline, on_delete=models.PROTECT, related_name="entries")
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField(_("position"))
    key = models.CharField(_("clause"), max_length=40)
    topic = models.CharField(_("topic"), max_length=80)
    origin = models.CharField(_("origin"), max_length=10)
    content: Any = models.JSONField(_("content"))

    class Meta:
        verbose_name = _("clause of a baseline")
        verbose_name_plural = _("clauses of baselines")
        ordering = ["baseline", "position"]
        constraints = [
            models.UniqueConstraint(name="a_baseline_holds_a_clause_once", fields=["baseline", "key"]),
            models.UniqueConstraint(name="a_baselines_entries_stand_in_order", fields=["baseline", "position"]),
        ]

    def __str__(self) -> str:
        return f"{self.baseline_id}/{self.key}"
