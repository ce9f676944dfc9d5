"""The REST root. Operations live with what they show; row security decides what rows they have."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.security import django_auth

from gangmu import __version__
from gangmu.shell.api import organisations

# Every operation may answer with these; each says why in `message`, in the language of the request.
REFUSALS = {
    400: "Something in the address cannot be stored or understood.",
    401: "Not signed in, or the session has ended.",
    403: "Signed in, and the roles leave this out.",
    422: "A parameter cannot be taken; `problems` names it.",
    429: "Asked too often; `Retry-After` says how many seconds to wait.",
}
REFUSAL = {
    "type": "object",
    "title": "Refusal",
    "required": ["error", "message"],
    "properties": {
        "error": {"type": "string", "description": "a word for programs"},
        "message": {"type": "string", "description": "what happened and what to do, for people"},
        "reference": {"type": "string", "description": "under which an administrator finds it in the log"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["parameter", "message"],
                "properties": {"parameter": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


class Api(NinjaAPI):
    """An API whose document tells of refusals too."""

    def get_openapi_schema(self, **options: Any) -> Any:
        schema = super().get_openapi_schema(**options)
        schema["components"].setdefault("schemas", {})["Refusal"] = REFUSAL
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
        for path in schema["paths"].values():
            for operation in path.values():
                for status, words in REFUSALS.items():
                    operation["responses"].setdefault(status, {"description": words, "content": content})
        return schema


api = Api(
    title="Gangmu",
    version=__version__,
    description="Organisations and figures within the caller's scope.",
    urls_namespace="api",
    docs_url=None,
    auth=django_auth,  # strangers are refused before; this asks for the token against forged requests
)
api.add_router("/organisations", organisations.router)


@api.exception_handler(ValidationError)
def refuse_parameters(request: HttpRequest, fault: ValidationError) -> HttpResponse:
    """422 that names the parameters and what is wrong with each."""
    problems = [{"parameter": ".".join(map(str, one["loc"][1:])), "message": one["msg"]} for one in fault.errors]
    words = _("Parameters that cannot be taken: %(which)s. Put them right and ask again.") % {
        "which": ", ".join(one["parameter"] for one in problems)
    }
    return api.create_response(
        request, {"error": "invalid_parameters", "message": words, "problems": problems}, status=422
    )
