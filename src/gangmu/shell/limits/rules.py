"""Which requests are expensive, and how often they may come."""

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest

OF_AN_ADDRESS = 10  # times as much as of an account: a plant's people share one


@dataclass(frozen=True)
class Rule:
    """`burst` at once, then `burst` a minute."""

    kind: str
    burst: int

    @property
    def every(self) -> timedelta:
        return timedelta(minutes=1) / self.burst


EXPORT = Rule("export", 20)
UPLOAD = Rule("upload", 30)
WORK = Rule("work", 30)
API = Rule("api", 300)

# Pages whose forms begin long work, or make a file; all of `reports` does.
WORKING = frozenset({"records:export", "records:verify"})
FILES = frozenset({"reports:file", "reports:brief", "reports:picture"})


def rule_of(request: HttpRequest) -> Rule | None:
    """The rule that a request falls under; most fall under none."""
    match = request.resolver_match
    name = match.view_name if match else ""
    if request.path.startswith("/api/"):
        return API
    if request.method == "GET":
        return EXPORT if request.GET.get("export") or name in FILES else None
    if request.content_type == "multipart/form-data":
        return UPLOAD
    return WORK if name.startswith("reports:") or name in WORKING else None
