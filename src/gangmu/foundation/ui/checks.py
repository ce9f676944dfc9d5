"""System checks of the pages."""

from typing import Any

from django.core.checks import CheckMessage, Warning, register

from . import assets


@register()
def front_end_is_built(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warn when the style sheet and scripts have not been built: pages work without them, but look bare."""
    if assets.manifest():
        return []
    return [
        Warning(
            "The front end has not been built.",
            hint="Run `npm ci && npm run build` in the repository's root.",
            id="ui.W001",
        )
    ]
