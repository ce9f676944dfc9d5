"""The taxes with their rates, and which indicators have them."""

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gangmu.figures.indicators.models import Indicator, Tax
from gangmu.figures.indicators.taxes.queries import taxes as known_taxes
from gangmu.foundation.access.needs import needs
from gangmu.foundation.settings import clock
from gangmu.shell.formulas.forms import language
from gangmu.shell.formulas.lists import IndicatorList

VIEW = "figures:view"


@require_GET
@needs(VIEW)
def taxes(request: HttpRequest) -> HttpResponse:
    """Every tax: its rates, since when, by which act, whether somebody has checked it, and who has it."""
    today, told = clock.today(), language()
    rows = {str(row.code): row for row in Tax.objects.all()}
    found = []
    for tax in known_taxes().values():
        in_force = tax.on(today)
        rates = [
            {
                "percent": rate.percent,
                "since": tax.since(rate),
                "until": rate.until,
                "source": rate.source.zh if told == "zh" else rate.source.en,
                "is_verified": rate.is_verified,
                "in_force": rate is in_force,
            }
            for rate in reversed(tax.rates)
        ]
        found.append({"row": rows[tax.code], "rates": rates, "indicators": _with(tax.code)})
    context = {
        "title": _("Taxes"),
        "breadcrumbs": [(IndicatorList.title, reverse("formulas:list")), (_("Taxes"), "")],
        "taxes": found,
        "following": Indicator.objects.exclude(tax_basis="").filter(tax="", tax_of="").order_by("code"),
    }
    return render(request, "formulas/taxes.html", context)


def _with(code: str) -> QuerySet[Indicator]:
    """The indicators that have a tax; of split ones the wholes."""
    return Indicator.objects.filter(tax=code, tax_of="", member_of="").order_by(F("code"))
