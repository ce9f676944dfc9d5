"""Who may change what. The database asks once more, row by row (`parties/functions.sql`)."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from gangmu.foundation.access.scope import Scope
from gangmu.foundation.parties import queries
from gangmu.foundation.parties.models import Organisation, Verb

VIEW = "parties:view"
STRUCTURE = "parties:structure"
PARAMETERS = "parties:parameters"


def permission_for(verb: str) -> str:
    """What a verb needs."""
    return PARAMETERS if verb == Verb.PARAMETERS else STRUCTURE


def may_change_some(scope: Scope) -> bool:
    """Whether somebody has anything to change at all: for menus."""
    return scope.may(STRUCTURE) or scope.may(PARAMETERS)


def may_change(request: HttpRequest, organisation_id: int) -> bool:
    """Whether somebody has anything to change at an organisation."""
    return any(request.scope.may_at(one, organisation_id) for one in (STRUCTURE, PARAMETERS))


def require_view(request: HttpRequest) -> None:
    """Raises:
    PermissionDenied: the asker sees no organisations.
    """
    if not request.scope.may(VIEW):
        raise PermissionDenied(_("Your roles do not show you organisations."))


def require(request: HttpRequest, verb: str, organisation: Organisation) -> None:
    """Raises:
    PermissionDenied: the asker may not do this here.
    """
    if not request.scope.may_at(permission_for(verb), organisation.pk):
        raise PermissionDenied(
            _("Your roles do not let you set parameters here.")
            if verb == Verb.PARAMETERS
            else _("Your roles do not let you change the structure here.")
        )


def visible_one(request: HttpRequest, code: str) -> Organisation:
    """The organisation, if it is in the asker's present scope; a former branch changes nothing.

    Raises:
        Http404: there is none, or none that the asker sees.
    """
    found = queries.visible(request.scope).filter(code=code).first()
    if found is None or not (request.scope.everything or found.pk in request.scope.ids(queries.ROOM)):
        raise Http404
    return found
