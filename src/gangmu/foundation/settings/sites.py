"""The two sites: the business site 业务网站 and the back office 后台管理.

A web process serves one of them, which `GANGMU_SITE` names. The command line and the worker serve none: there the
roles of both sites count, and addresses are those of the business site.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

BUSINESS = "business"
OFFICE = "office"
SITES = (BUSINESS, OFFICE)


class Where(models.TextChoices):
    """At which site a role may be used."""

    BUSINESS = "business", _("the business site")
    OFFICE = "office", _("the back office")
    BOTH = "both", _("both sites")


def served() -> str:
    """The site of this process's pages; where none is named, the business site."""
    return settings.SITE or BUSINESS
