"""The roles as shipped. An administrator's own changes to a role stand; only missing roles are added."""

from importlib import resources

from gangmu.foundation.access.shipping import add_missing_roles
from gangmu.foundation.settings.shipped import from_yaml


def install_roles() -> None:
    """Add the shipped roles that are not there yet."""
    text = resources.files("gangmu.business.power.content").joinpath("roles.yaml").read_text("utf-8")
    add_missing_roles(from_yaml(text))
