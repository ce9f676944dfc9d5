"""Preferences, saved views and, where shown, the style guide. Included under `ui/`."""

from django.urls import path

from . import guide, views

app_name = "ui"
urlpatterns = [
    path("language/", views.language, name="language"),
    path("theme/", views.theme, name="theme"),
    path("views/", views.save_view, name="view-save"),
    path("views/<int:pk>/delete/", views.delete_view, name="view-delete"),
    path("", guide.overview, name="guide"),
    path("list/", guide.GuideList.as_view(), name="guide-list"),
    path("form/", guide.form_page, name="guide-form"),
    path("errors/<str:kind>/", guide.error, name="guide-error"),
    path("progress/<int:done>/", guide.progress, name="guide-progress"),
]
