"""The REST root. Operations live with what they show; row security decides what rows they have."""

from ninja import NinjaAPI
from ninja.security import django_auth

from gangmu import __version__
from gangmu.shell.api import organisations

api = NinjaAPI(
    title="Gangmu",
    version=__version__,
    description="Organisations and figures within the caller's scope.",
    urls_namespace="api",
    docs_url=None,
    auth=django_auth,  # strangers are refused before; this asks for the token against forged requests
)
api.add_router("/organisations", organisations.router)
