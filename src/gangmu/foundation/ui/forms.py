"""Showing forms."""

from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def show_form(
    request: HttpRequest, template: str, form: BaseForm, context: dict[str, Any] | None = None
) -> HttpResponse:
    """Render a page with a form: status 422 when it comes back with errors, 200 otherwise.

    The template finds it as `form` and shows it with `<c-form :form="form" />`.
    """
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, {**(context or {}), "form": form}, status=status)
