"""A form counts once, however often a slow line sends it.

Every form carries `{% idempotency_key %}`. `submit_once` remembers the key together with where the user was sent
afterwards, in the same transaction as the write itself; the second copy, even one that arrives while the first is
still being worked on, waits for it and is sent to the same place.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from gangmu.foundation.settings import clock

from .models import Submission

KEPT_FOR = timedelta(days=7)

View = Callable[..., HttpResponse]


def submit_once(view: View) -> View:
    """Let a view's POST take effect once per idempotency key.

    Only a redirect counts as done. A form that is shown again with its errors may be corrected and sent again; a
    failure rolls everything back, the key included.

    Raises:
        BadRequest: the form carries no key, or one that no page of ours made.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        key = request.POST.get("_key", "")
        if not 8 <= len(key) <= 64:
            raise BadRequest(_("The form carries no submission key. Open the page anew and send it again."))
        with transaction.atomic():
            earlier = _claim(request, key)
            if isinstance(earlier, HttpResponse):
                return earlier
            response = view(request, *args, **kwargs)
            if response.status_code in {302, 303}:
                Submission.objects.filter(pk=earlier.pk).update(location=response["Location"][:2000])
            else:
                earlier.delete()
            return response

    return wrapped


def _claim(request: HttpRequest, key: str) -> Submission | HttpResponse:
    """Take the key for this request, or answer as the request that took it before was answered."""
    try:
        with transaction.atomic():
            return Submission.objects.create(user=request.user, key=key, path=request.path[:500])
    except IntegrityError:
        first = Submission.objects.get(user=request.user, key=key)
    if first.path != request.path[:500]:
        raise BadRequest(_("The submission key belongs to another form. Open the page anew and send it again."))
    messages.info(request, _("This had already been saved; it was not done a second time."))
    return redirect(first.location or request.path)


def forget_old_submissions() -> int:
    """Delete keys that no line is slow enough to send again. Returns how many."""
    deleted, _by_model = Submission.objects.filter(received_at__lt=clock.now() - KEPT_FOR).delete()
    return deleted
