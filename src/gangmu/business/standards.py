"""The standards that the business rooms ship, each in `content/norms/FOLDER`; Django is not needed to read them."""

from pathlib import Path

from gangmu.duties.norms.shipped import register_folder

ROOMS = ("hosting", "grading", "continuity", "network")


def register() -> None:
    for room in ROOMS:
        register_folder(Path(__file__).parent / room / "content" / "norms")
