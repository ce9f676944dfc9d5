"""The schemes of grading that this room ships; Django is not needed to read them."""

from pathlib import Path

from gangmu.duties.grading.shipped import register_folder

FOLDER = Path(__file__).parent / "content" / "schemes"


def register() -> None:
    register_folder(FOLDER)
