"""gangmu resources: the register, and what needs what."""

import json
from typing import Any

import click

from gangmu.shell.cli.session import session
from gangmu.shell.cli.words import text as _


@click.command()
@click.option("--on", "day", metavar="DAY", help="As it was on a day (2026-11-20); today if left out.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def resources_command(day: str | None, as_json: bool) -> None:
    """List the register of resources with what needs what."""
    with session("system"):
        from datetime import date

        from gangmu.duties.resources.queries import net
        from gangmu.foundation.parties.models import Organisation
        from gangmu.foundation.settings import clock

        try:
            on = date.fromisoformat(day) if day else clock.today()
        except ValueError as error:
            raise click.BadParameter(_("write a day as 2026-11-20"), param_hint="--on") from error
        found = net(on)
        owners = dict(Organisation.objects.values_list("pk", "code"))
        told = [_told(found, node, owners) for node in range(len(found.ids))]
        if as_json:
            click.echo(json.dumps({"day": on.isoformat(), "resources": told}, ensure_ascii=False))
            return
        for one in told:
            click.echo(f"{one['code']}  {one['kind']}  {one['name']['zh']} {one['name']['en']}".rstrip())
            for need in one["needs"]:
                group = f"  ({need['group']}: {need['needed']})" if need["group"] else ""
                click.echo(f"    → {need['on']}{group}")


def _told(found: Any, node: int, owners: dict[int, str]) -> dict[str, Any]:
    row = found.rows[node]
    needs = []
    for edge in found.edges.needs(node):
        one = found.needs[edge]
        below = found.rows[found.number[one.on_id]]
        needs.append({"on": below.code if below else None, "group": one.group, "needed": one.needed})
    return {
        "code": row.code,
        "kind": row.kind,
        "name": {"zh": row.name_zh, "en": row.name_en},
        "organisation": owners.get(row.organisation_id),
        "supporting": row.supporting,
        "attributes": row.attributes,
        "needs": needs,
    }
