"""A sheet of P1 with everything that was said and done about it, a correction of it, and who files for it."""

from datetime import date
from typing import Any

from django.db import models

from gangmu.figures.filing.models import (
    Cell,
    Correction,
    CorrectionCell,
    CorrectionFile,
    Duty,
    Explanation,
    Form,
    MonthClosing,
    Received,
    Remark,
    Revision,
    Saving,
    Sheet,
    SheetEvent,
)
from gangmu.figures.indicators.models import Indicator
from gangmu.foundation.accounts.models import User
from gangmu.foundation.documents.models import Document
from gangmu.foundation.parties.models import Organisation

FORM: dict[str, Any] = {
    "code": "matrix_daily",
    "name": {"zh": "矩阵表", "en": "Matrix form"},
    "route": "matrix",
    "filed_by": {"kinds": ["plant"]},
    "sections": [
        {"code": "all", "name": {"zh": "全部", "en": "All"}, "level": "unit", "items": [{"indicator": "matrix_cell"}]}
    ],
}


class SheetRows:
    """Makes one row of each table of sheets, whose words hold `mark`; the sheet and its form are shared."""

    def __init__(self, mark: str, now: Any) -> None:
        self.mark, self.now = mark, now
        self.factories = {
            "filing.Duty": self.duty,
            "filing.MonthClosing": self.closing,
            "filing.Sheet": self.sheet_row,
            "filing.Cell": self.cell,
            "filing.Saving": self.saving,
            "filing.Revision": self.revision,
            "filing.Explanation": self.explanation,
            "filing.Remark": self.remark,
            "filing.SheetEvent": self.event,
            "filing.Correction": self.correction_row,
            "filing.CorrectionCell": self.correction_cell,
            "filing.CorrectionFile": self.correction_file,
            "filing.Received": self.received,
        }

    def _made(self, *rows: models.Model) -> dict[str, list[models.Model]]:
        return {self.mark: list(rows)}

    def indicator(self) -> Indicator:
        words = {"name_zh": "矩阵格", "name_en": "matrix cell", "over_time": "sum", "over_organisations": "sum"}
        return Indicator.objects.get_or_create(code="matrix_cell", defaults=words)[0]

    def sheet(self, plant: Organisation) -> Sheet:
        self.indicator()
        names = {"name_zh": "矩阵表", "name_en": "Matrix form"}
        said = {"definition": FORM, "source": "local", "digest": "0" * 64, **names}
        form, _ = Form.objects.get_or_create(code="matrix_daily", version=1, defaults={**said, "created_at": self.now})
        stage = {"form": form, "opened_at": self.now, "status": "approved", "state": 4}
        where = {"form_code": form.code, "organisation": plant, "period": date(2026, 10, 30)}
        return Sheet.objects.get_or_create(**where, defaults=stage)[0]

    def _said(self, clerk: User, words: str) -> dict[str, Any]:
        return {"said_at": self.now, "said_by": clerk, "said_by_name": "clerk", "words": f"{self.mark}{words}"}

    def duty(self, plant: Organisation, **_: Any) -> dict[str, list[models.Model]]:
        valid = ("2026-06-01", None)
        return self._made(Duty.objects.create(form_code="matrix_daily", organisation=plant, filer=plant, valid=valid))

    def closing(self, plant: Organisation, **_: Any) -> dict[str, list[models.Model]]:
        said = {"closed_at": self.now, "reason": f"{self.mark}closing"}
        return self._made(
            MonthClosing.objects.create(indicator=self.indicator(), organisation=plant, month=date(2026, 9, 1), **said)
        )

    def sheet_row(self, plant: Organisation, **_: Any) -> dict[str, list[models.Model]]:
        return self._made(self.sheet(plant))

    def cell(self, plant: Organisation, unit: Organisation, clerk: User, **_: Any) -> dict[str, list[models.Model]]:
        typed = {"text": f"{self.mark}cell", "version": 1, "edited_by": clerk, "edited_at": self.now}
        where = {"sheet": self.sheet(plant), "organisation": unit, "indicator": self.indicator()}
        return self._made(Cell.objects.create(**where, **typed))

    def saving(self, plant: Organisation, **_: Any) -> dict[str, list[models.Model]]:
        answer = {"version": 1, "accepted": [], "conflicts": [], "faults": []}
        where = {"sheet": self.sheet(plant), "organisation": plant, "key": f"{self.mark}saving"}
        return self._made(Saving.objects.create(**where, answer=answer, saved_at=self.now))

    def revision(self, plant: Organisation, clerk: User, **_: Any) -> dict[str, list[models.Model]]:
        what = {"number": 1, "kind": "submission", "content_hash": "0" * 64, "words": f"{self.mark}revision"}
        who = {"recorded_at": self.now, "recorded_by": clerk, "recorded_by_name": "clerk"}
        return self._made(Revision.objects.create(sheet=self.sheet(plant), organisation=plant, **what, **who))

    def explanation(self, plant: Organisation, clerk: User, **_: Any) -> dict[str, list[models.Model]]:
        said = self._said(clerk, "explanation")
        return self._made(
            Explanation.objects.create(sheet=self.sheet(plant), organisation=plant, finding="matrix", **said)
        )

    def remark(self, plant: Organisation, clerk: User, **_: Any) -> dict[str, list[models.Model]]:
        said = self._said(clerk, "remark")
        return self._made(Remark.objects.create(sheet=self.sheet(plant), organisation=plant, **said))

    def event(self, plant: Organisation, clerk: User, **_: Any) -> dict[str, list[models.Model]]:
        what = {"what": "locked", "words": f"{self.mark}sheet event", "happened_at": self.now, "by": clerk}
        return self._made(SheetEvent.objects.create(sheet=self.sheet(plant), organisation=plant, **what))

    def correction(self, plant: Organisation, clerk: User) -> Correction:
        asked = {"reason": f"{self.mark}correction", "asked_at": self.now, "asked_by": clerk, "asked_by_name": "clerk"}
        where = {"sheet": self.sheet(plant), "organisation": plant, "number": 1}
        return Correction.objects.get_or_create(**where, defaults=asked)[0]

    def correction_row(self, plant: Organisation, clerk: User, **_: Any) -> dict[str, list[models.Model]]:
        return self._made(self.correction(plant, clerk))

    def correction_cell(
        self, plant: Organisation, unit: Organisation, clerk: User, **_: Any
    ) -> dict[str, list[models.Model]]:
        where = {"correction": self.correction(plant, clerk), "organisation": unit, "indicator": self.indicator()}
        return self._made(CorrectionCell.objects.create(**where, new=1, text=f"{self.mark}correction cell"))

    def correction_file(self, plant: Organisation, clerk: User, **_: Any) -> dict[str, list[models.Model]]:
        name = f"{self.mark}proof.pdf"
        facts = {"media_type": "application/pdf", "size": 1, "sha256": "1" * 64, "uploaded_at": self.now}
        document = Document.objects.create(organisation=plant, name=name, title=name, **facts)
        where = {"correction": self.correction(plant, clerk), "organisation": plant}
        return self._made(CorrectionFile.objects.create(**where, document=document))

    def received(self, unit: Organisation, **_: Any) -> dict[str, list[models.Model]]:
        given = {"period": date(2026, 10, 30), "source": f"{self.mark}source", "value": 1, "received_at": self.now}
        return self._made(Received.objects.create(organisation=unit, indicator=self.indicator(), **given))
