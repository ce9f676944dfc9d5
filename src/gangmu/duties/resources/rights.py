"""What may be done with the register, and the pages that belong to it."""

from django.utils.translation import gettext_lazy as _

VIEW, EXPORT, CHANGE = "resources:view", "resources:export", "resources:change"
PAGES = (
    ("resources:add", _("Register a resource")),
    ("resources:edit", _("Change a resource")),
    ("resources:end", _("Take a resource out of the register")),
    ("resources:need", _("Record a dependency")),
    ("resources:unneed", _("End a dependency")),
    ("resources:import", _("Resources from a file")),
)
