"""Who may define statistical scopes: they hold for the whole group, so whoever configures its figures at the top."""

from gangmu.foundation.access.scope import Scope
from gangmu.foundation.parties.models import Placement
from gangmu.foundation.settings import clock

CONFIGURE = "figures:configure"


def may_define(scope: Scope) -> bool:
    if not scope.may(CONFIGURE):
        return False
    tops = Placement.objects.filter(parent=None, valid__contains=clock.today()).values_list("child_id", flat=True)
    return any(scope.may_at(CONFIGURE, top) for top in tops)
