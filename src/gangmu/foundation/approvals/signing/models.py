"""What somebody is to sign, and what they signed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings.rowsecurity import ByOrganisation, ByUser


class SigningRequest(models.Model):
    """A decision as somebody is about to sign it: `text` is what is signed, byte for byte (UTF-8). Good once."""

    row_security = ByUser()
    keeps_history = False
    updatable = ("used_at",)

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("user"))
    case = models.ForeignKey("approvals.Case", on_delete=models.PROTECT, related_name="+", verbose_name=_("case"))
    action = models.CharField(_("action"), max_length=12)
    given = models.JSONField(_("details"), default=dict)  # what the action's form held
    nonce = models.CharField(_("number used once"), max_length=32, unique=True)
    text = models.TextField(_("text to sign"))
    made_at = models.DateTimeField(_("made at"))
    valid_until = models.DateTimeField(_("good until"))
    used_at = models.DateTimeField(_("used at"), null=True)

    class Meta:
        verbose_name = _("decision to sign")
        verbose_name_plural = _("decisions to sign")

    def __str__(self) -> str:
        return f"{self.case_id} {self.action} {self.nonce[:8]}"


class Signature(models.Model):
    """A signed decision. Rows are only ever added.

    `text` is what was signed, `cms` the detached signature (CMS, DER), `certificate` the signer's, `chain` its CA's and
    `revocation` the CA's lists as they were then (all PEM), so that it can be verified when none of them is in use.
    """

    row_security = ByOrganisation(room="approvals")
    keeps_history = False
    updatable = ()

    decision = models.OneToOneField("approvals.Decision", on_delete=models.PROTECT, related_name="signature")
    case = models.ForeignKey("approvals.Case", on_delete=models.PROTECT, related_name="signatures")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    request = models.OneToOneField(SigningRequest, on_delete=models.PROTECT, related_name="+")
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_by_name = models.CharField(max_length=80)
    text = models.TextField(_("signed text"))
    cms = models.BinaryField(_("signature"))
    certificate = models.TextField(_("certificate"))
    chain = models.TextField(_("certificates of the CA"))
    revocation = models.TextField(_("revocation lists"), blank=True)
    subject = models.CharField(_("holder"), max_length=500)
    issuer = models.CharField(_("issuer"), max_length=500)
    serial = models.CharField(_("serial number"), max_length=64)
    fingerprint = models.CharField(max_length=64)
    verified_at = models.DateTimeField(_("verified at"))

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints = [
            models.CheckConstraint(name="a_signature_is_of_something", condition=~Q(text="") & ~Q(certificate="")),
        ]
        indexes = [models.Index(name="signatures_of_a_case", fields=["case", "id"])]

    def __str__(self) -> str:
        return f"{self.decision_id} {self.subject}"
