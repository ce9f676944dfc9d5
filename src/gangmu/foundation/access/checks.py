"""A model that does not say who may see its rows stops the product from starting."""

from typing import Any

from django.core.checks import Error, register

from gangmu.foundation.access.declarations import declared_tables


@register()
def every_model_declares_row_security(app_configs: Any = None, **_: Any) -> list[Error]:
    return [
        Error(
            f"{model._meta.label} does not declare row_security",
            hint="Give the model one of gangmu.foundation.settings.rowsecurity; a missing rule means no access.",
            obj=model,
            id="access.E001",
        )
        for model, rule in declared_tables()
        if rule is None
    ]
