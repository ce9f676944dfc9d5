"""The commands that make the small world of the crash proofs, in one process: `python -m crash.preparing FOLDER`."""

import os
import sys
from pathlib import Path

from crash import operations
from crash.site import HASTY, WRITERS
from crash.writers import jobs, web

GIVEN_PASSWORD = "what was given for once 17"  # which opens nothing but its own change
INDICATORS = """\
- code: {code}
  name: {{zh: {code}, en: {code}}}
  unit: MWh
  precision: {precision}
  grain: day
  over_time: sum
  over_organisations: sum
"""


def prepare(folder: Path) -> None:
    """Load organisations and indicators, and make the accounts, as an operator would.

    The person has changed the password that was given.
    """
    from gangmu.shell.cli import gangmu
    from gangmu.shell.cli.session import session

    lines = ["code,name_zh,name_en,kind,parent,valid_from,valid_to,capacity_mw", "G,G,G,group,,1960-01-01,,"]
    for writer in [*(writer for writer, kind in WRITERS.items() if kind != "web"), HASTY]:
        lines.append(f"{writer},{writer},{writer},plant,G,1960-01-01,,")
        lines += [f"{unit},{unit},{unit},unit,{writer},1960-01-01,,10" for unit in operations.units_of(writer)]
    world, indicators = folder / "world.csv", folder / "indicators.yaml"
    world.write_text("\n".join(lines) + "\n", "utf-8")
    indicators.write_text(
        "".join(INDICATORS.format(code=code, precision=number) for code, number in operations.INDICATORS.items())
    )
    os.environ["GANGMU_NEW_PASSWORD"] = GIVEN_PASSWORD
    with session("system"):
        from gangmu.foundation.accounts.models import User
        from gangmu.foundation.accounts.services import change_password

        for arguments in (
            ["load", "organisations", str(world)],
            ["load", "indicators", str(indicators)],
            ["account", "create", web.USERNAME, "--organisation", "G", "--role", "viewer"],
            ["account", "create", jobs.USERNAME, "--organisation", "G", "--role", "business_administrator"],
        ):
            gangmu.main(arguments, standalone_mode=False)
        change_password(User.objects.get(username=web.USERNAME), web.PASSWORD)


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
