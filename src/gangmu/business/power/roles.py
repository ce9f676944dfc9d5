"""The roles as shipped. An administrator's own changes to a role stand; only missing roles are added."""

from importlib import resources

import yaml

from gangmu.foundation.access.models import Role


def install_roles() -> None:
    """Add the shipped roles that are not there yet."""
    text = resources.files("gangmu.business.power.content").joinpath("roles.yaml").read_text("utf-8")
    for entry in yaml.safe_load(text):
        if Role.objects.filter(code=entry["code"]).exists():
            continue
        role = Role(
            code=entry["code"],
            name_zh=entry["name"]["zh"],
            name_en=entry["name"]["en"],
            site=entry["site"],
            permissions=entry["permissions"],
        )
        role.full_clean()
        role.save()
