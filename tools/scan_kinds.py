"""What the matrix test makes cases of, for the servers that a scan starts. For tools/scan.py alone."""

from pathlib import Path

from django.apps import AppConfig


class Kinds(AppConfig):
    name = "scan_kinds"
    path = str(Path(__file__).parent)

    def ready(self) -> None:
        from gangmu.foundation.approvals import subjects
        from matrix.rows import PAPER, paper  # pyright: ignore[reportMissingImports]

        if PAPER not in {kind.code for kind in subjects.kinds()}:
            subjects.register(paper())
