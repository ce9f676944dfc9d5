"""Showing forms."""

from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# A field of one of these names stands in the way of scripts that ask the form itself: `form.submit` is then the field.
HIDING = {"action", "elements", "form", "method", "reset", "submit"}


def show_form(
    request: HttpRequest, template: str, form: BaseForm, context: dict[str, Any] | None = None
) -> HttpResponse:
    """Render a page with a form: status 422 when it comes back with errors, 200 otherwise.

    The template finds it as `form` and shows it with `<c-form :form="form" />`.

    Raises:
        ValueError: a field is called like something that scripts ask of the form.
    """
    if hiding := HIDING & set(form.fields):
        raise ValueError(f"{type(form).__name__} has fields that hide the form's own: {', '.join(sorted(hiding))}")
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, {**(context or {}), "form": form}, status=status)
