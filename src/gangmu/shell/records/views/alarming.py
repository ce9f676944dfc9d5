"""One alarm and its acknowledgement; the rules."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gangmu.foundation.records import alarms, queries
from gangmu.foundation.records.models import Alarm, AlarmRule, Sign
from gangmu.foundation.records.retention import Refused
from gangmu.foundation.settings import clock
from gangmu.foundation.ui.forms import show_form
from gangmu.foundation.ui.once import submit_once
from gangmu.shell.records import words
from gangmu.shell.records.forms import AcknowledgeForm, AlarmRuleForm
from gangmu.shell.records.views.asking import needs


@require_http_methods(["GET", "POST"])
@needs("alarms:view")
@submit_once
def alarm(request: HttpRequest, pk: int) -> HttpResponse:
    """What was seen, the events behind it, and what was said to it."""
    one = get_object_or_404(Alarm.objects.select_related("user", "organisation", "acknowledged_by", "rule"), pk=pk)
    may = request.scope.may("alarms:acknowledge") and one.acknowledged_at is None  # type: ignore[attr-defined]
    form = AcknowledgeForm(request.POST or None)
    if request.method == "POST" and may and form.is_valid():
        try:
            alarms.acknowledge(one, words=form.cleaned_data["words"])
            messages.success(request, _("The alarm was acknowledged."))
            return redirect("records:alarms")
        except Refused as refused:
            form.add_error(None, str(refused))
    title = str(one.get_sign_display())
    context = {
        "title": title,
        "breadcrumbs": [(_("Alarms"), reverse("records:alarms")), (title, "")],
        "alarm": one,
        "about": words.about(one),
        "details": [(name, words.text(value)) for name, value in one.data.items()],
        "may": may,
        "events": [(event, words.kind(event), words.who(event)) for event in _events(one)],
    }
    return show_form(request, "records/alarm.html", form, context)


def _events(one: Alarm) -> list:
    """The events between its first and its last that are of its sort, as far as the reader may see them."""
    if one.first_event is None or one.last_event is None:
        return []
    found = queries.events().filter(pk__gte=one.first_event, pk__lte=one.last_event)
    if one.first_event != one.last_event:
        found = found.filter(refused=True)
    kind, _colon, key = one.about.partition(":")
    if kind == "user":
        found = found.filter(by_id=int(key))
    elif kind == "address":
        found = found.filter(ip=key)
    elif kind == "typed":
        found = found.filter(data__typed=key)
    return list(found[:50])


@require_http_methods(["GET", "POST"])
@needs("alarms:view")
@submit_once
def rules(request: HttpRequest) -> HttpResponse:
    """The rules as they hold, those to come, and a new one."""
    may = request.scope.may("alarms:configure")  # type: ignore[attr-defined]
    form = AlarmRuleForm(request.POST or None, initial={"valid_from": clock.today()})
    if request.method == "POST" and may and form.is_valid():
        try:
            alarms.set_rule(**form.cleaned_data)
            messages.success(request, _("The rule was set."))
            return redirect("records:alarm-rules")
        except Refused as refused:
            form.add_error(None, str(refused))
    title = _("Rules of alarms")
    context = {
        "title": title,
        "breadcrumbs": [(_("Alarms"), reverse("records:alarms")), (title, "")],
        "rules": [alarms.rule_of(sign) for sign in Sign],
        "coming": AlarmRule.objects.filter(valid_from__gt=clock.today()).order_by("valid_from", "sign"),
        "may": may,
    }
    return show_form(request, "records/alarm_rules.html", form, context)
