"""Preferences, saved views and, where shown, the style guide. Included under `ui/`."""

from django.urls import path

from . import guide, jobs, views

app_name = "ui"
urlpatterns = [
    path("language/", views.language, name="language"),
    path("theme/", views.theme, name="theme"),
    path("views/", views.save_view, name="view-save"),
    path("views/<int:pk>/delete/", views.delete_view, name="view-delete"),
    path("jobs/", jobs.JobList.as_view(), name="jobs"),
    path("jobs/<int:pk>/", jobs.job_page, name="job"),
    path("jobs/<int:pk>/progress/", jobs.job_progress, name="job-progress"),
    path("jobs/<int:pk>/cancel/", jobs.cancel_job, name="job-cancel"),
    path("", guide.overview, name="guide"),
    path("list/", guide.GuideList.as_view(), name="guide-list"),
    path("charts/", guide.charts, name="guide-charts"),
    path("form/", guide.form_page, name="guide-form"),
    path("errors/<str:kind>/", guide.error, name="guide-error"),
    path("progress/<int:done>/", guide.progress, name="guide-progress"),
]
