"""The roles as shipped. An administrator's own changes to a role stand; only missing roles are added."""

from importlib import resources

import yaml

from gangmu.foundation.access.shipping import add_missing_roles


def install_roles() -> None:
    """Add the shipped roles that are not there yet."""
    text = resources.files("gangmu.business.power.content").joinpath("roles.yaml").read_text("utf-8")
    add_missing_roles(yaml.safe_load(text))
