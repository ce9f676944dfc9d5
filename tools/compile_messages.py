"""Compile every catalogue of texts (`django.po` to `django.mo`); a fresh machine has no gettext tools."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCE = Path(__file__).resolve().parent.parent / "src"


def main() -> None:
    count = 0
    for path in sorted(SOURCE.rglob("django.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, abort_invalid=True)
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalogue)
        count += 1
    print(f"compiled {count} catalogues")


if __name__ == "__main__":
    main()
