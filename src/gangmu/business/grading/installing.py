"""What this room ships into the database: roles of the parties, their routes, and the matrices."""

from importlib import resources
from typing import Any

from gangmu.duties.grading.services import install_matrices
from gangmu.foundation.access.shipping import add_missing_roles
from gangmu.foundation.approvals.routes import load_routes
from gangmu.foundation.settings.shipped import from_yaml


def install() -> None:
    """Add what is not there yet. What was changed here stands."""
    add_missing_roles(_read("roles"))
    load_routes(_read("routes"), "shipped")
    install_matrices()


def _read(name: str) -> list[dict[str, Any]]:
    return from_yaml(resources.files("gangmu.business.grading.content").joinpath(f"{name}.yaml").read_text("utf-8"))
