"""What a user sets about pages: language, appearance, saved views."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gangmu.foundation.access.middleware import open_to_strangers

from .context import THEMES
from .models import SavedView
from .once import submit_once

A_YEAR = 365 * 24 * 3600


def back(request: HttpRequest) -> str:
    """Where the form came from; never another site."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe and target.startswith("/") else "/"


def _remember(request: HttpRequest, response: HttpResponse, name: str, value: str) -> HttpResponse:
    response.set_cookie(name, value, max_age=A_YEAR, samesite="Lax", secure=request.is_secure())
    return response


@open_to_strangers
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Set the language of the pages."""
    asked = request.POST.get("language", "")
    response = redirect(back(request))
    if asked in dict(settings.LANGUAGES):
        _remember(request, response, settings.LANGUAGE_COOKIE_NAME, asked)
    return response


@open_to_strangers
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Set light, dark or like the device."""
    asked = request.POST.get("theme", "")
    response = redirect(back(request))
    return _remember(request, response, settings.THEME_COOKIE_NAME, asked) if asked in THEMES else response


@require_POST
@submit_once
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the state of a list under a name; the same name again replaces the user's own view."""
    name = request.POST.get("name", "").strip()
    page = request.POST.get("page", "")
    values = {"query": request.POST.get("query", ""), "shared": "shared" in request.POST}
    view = SavedView.objects.filter(user=request.user.pk, page=page, name=name).first()
    view = view or SavedView(user=request.user, page=page, name=name)
    for field, value in values.items():
        setattr(view, field, value)
    try:
        view.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        problems = " ".join(f"{field}: {' '.join(texts)}" for field, texts in error.message_dict.items())
        messages.error(request, _("The view was not saved. %(problems)s") % {"problems": problems})
    else:
        view.save()
        messages.success(request, _("The view “%(name)s” was saved.") % {"name": name})
    return redirect(back(request))


@require_POST
@submit_once
def delete_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one of the user's own views."""
    view = get_object_or_404(SavedView, pk=pk, user=request.user.pk)
    view.delete()
    messages.success(request, _("The view “%(name)s” was deleted.") % {"name": view.name})
    return redirect(back(request))
