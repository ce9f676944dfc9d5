"""What an indicator of a file says of tax. Whether the tax is known is for `taxes.companions`."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from gangmu.figures.indicators.definitions import Basis, Taxed
from gangmu.figures.indicators.loading.yamlfile import Entries, Node, Text

FOLLOWS = "follows"


def read_taxed(node: Node | None, has_formula: bool, wrong: Callable[[Node, str], None]) -> Taxed | None:
    """`{rate: vat_power, filed: excluded}`, or `follows`: then the basis is that of what the formula stands on, and is
    found with it."""
    if node is None:
        return None
    if isinstance(node, Text) and node.value == FOLLOWS:
        if not has_formula:
            wrong(node, _("what is filed follows nothing. Write tax: {rate: vat_power, filed: excluded}."))
        return Taxed(Basis.EXCLUDED)
    given = {key.value: value for key, value in node.entries} if isinstance(node, Entries) else {}
    code, filed = given.get("rate"), given.get("filed")
    if set(given) != {"rate", "filed"} or not isinstance(code, Text) or not isinstance(filed, Text):
        wrong(node, _("tax is {rate: vat_power, filed: excluded}, or follows; filed is included or excluded."))
        return None
    if filed.value not in list(Basis):
        words = {"key": "filed", "values": ", ".join(Basis), "given": filed.value[:40]}
        wrong(filed, _("%(key)s is one of %(values)s, not “%(given)s”.") % words)
        return None
    return Taxed(Basis(filed.value), code.value.strip())
