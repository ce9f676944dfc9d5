"""Long work as its owner sees it: the list, one job with its progress, cancelling."""

import django_filters
import django_tables2 as tables2
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from gangmu.foundation.jobs import queries, services
from gangmu.foundation.jobs.models import Job
from gangmu.foundation.jobs.registry import title_of

from .asking import asker
from .lists import ListPage
from .once import submit_once
from .tables import MomentColumn, NumberColumn, Table
from .templatetags.ui import badge

TONES = {
    Job.State.WAITING: "secondary",
    Job.State.RUNNING: "info",
    Job.State.SUCCEEDED: "success",
    Job.State.FAILED: "danger",
    Job.State.CANCELLED: "warning",
}

_results: dict[str, str] = {}


def leads_to(kind: str, url_name: str) -> None:
    """Work of this kind has a page of its own that tells what came of it; its address takes the job's number."""
    _results[kind] = url_name


class JobTable(Table):
    kind = tables2.Column(verbose_name=_("Work"))
    state = tables2.Column(verbose_name=_("State"))
    done = NumberColumn(verbose_name=_("Done"))
    total = NumberColumn(verbose_name=_("In total"))
    created_at = MomentColumn(verbose_name=_("Asked for at"))
    finished_at = MomentColumn(verbose_name=_("Ended at"))

    def render_kind(self, record: Job) -> SafeString:
        address = reverse(_results.get(record.kind, "ui:job"), args=[record.pk])
        return format_html('<a href="{}">{}</a>', address, title_of(record.kind))

    def value_kind(self, value: str) -> str:
        return title_of(value)

    def render_state(self, record: Job) -> SafeString:
        return badge(record.get_state_display(), TONES[Job.State(record.state)])

    def value_state(self, record: Job) -> str:
        return str(record.get_state_display())

    class Meta(Table.Meta):
        pass


class JobFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(label=_("State"), choices=Job.State.choices, empty_label=_("All"))


class JobList(ListPage):
    """The asker's own long work, the latest first."""

    key = "ui.jobs"
    title = _("My long work")
    table_class = JobTable
    filterset_class = JobFilter
    empty_title = _("No long work yet")
    empty_text = _("Imports, exports and calculations that take longer than a moment appear here with their progress.")
    empty_icon = "clock"

    def get_queryset(self) -> QuerySet[Job]:
        return queries.jobs_of(asker(self.request))


def _own_job(request: HttpRequest, pk: int) -> Job:
    return get_object_or_404(queries.jobs_of(asker(request)), pk=pk)


def job_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One job: how far it is, what came of it."""
    job = _own_job(request, pk)
    title = title_of(job.kind)
    context = {
        "job": job,
        "title": title,
        "tone": TONES[Job.State(job.state)],
        "breadcrumbs": [(JobList.title, "../"), (title, "")],
    }
    return render(request, "ui/jobs/page.html", context)


def job_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The piece of page that asks for itself every two seconds while the job is open."""
    return render(request, "ui/jobs/progress.html", {"job": _own_job(request, pk)})


@require_POST
@submit_once
def cancel_job(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a job to stop."""
    job = services.cancel(_own_job(request, pk), by=asker(request))
    if job.is_open:
        messages.info(request, _("The work stops as soon as it comes to a safe point."))
    return redirect("ui:job", pk=pk)
