"""Content that is shipped as YAML. Every process reads some when it starts: by libyaml, where there is one."""

from typing import Any

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def from_yaml(text: str) -> Any:
    """What a shipped text says; nothing but plain values."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 (a safe loader)
