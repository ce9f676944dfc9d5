from django.urls import path

from gangmu.figures.filing.closed import ClosingList
from gangmu.figures.filing.lists import CorrectionList, DutyList, FormList, SheetList
from gangmu.figures.filing.views import closing, corrections, duties, exchange, grid, submitting
from gangmu.figures.filing.views.day import Day
from gangmu.figures.filing.views.forms import form
from gangmu.figures.filing.views.many import many
from gangmu.figures.filing.views.reminding import remind_people
from gangmu.figures.filing.views.sheet import sheet
from gangmu.figures.filing.views.timeline import history

app_name = "filing"
RULES = [
    path("forms/", FormList.as_view(), name="forms"),
    path("forms/<str:code>/", form, name="form"),
    path("duties/", DutyList.as_view(), name="duties"),
]
urlpatterns = [
    path("", Day.as_view(), name="day"),
    path("remind/", remind_people, name="remind"),
    path("open/", submitting.open_sheet, name="open"),
    path("many/", many, name="many"),
    path("worker.js", grid.worker, name="worker"),
    path("sheets/", SheetList.as_view(), name="sheets"),
    path("sheets/<int:pk>/", sheet, name="sheet"),
    path("sheets/<int:pk>/edit/", grid.edit, name="edit"),
    path("sheets/<int:pk>/cells/", grid.cells, name="cells"),
    path("sheets/<int:pk>/cells/remarks/", grid.cell_remarks, name="cell-remarks"),
    path("sheets/<int:pk>/history/", history, name="history"),
    path("sheets/<int:pk>/submit/", submitting.submit, name="submit"),
    path("sheets/<int:pk>/recall/", submitting.recall, name="recall"),
    path("sheets/<int:pk>/lock/", submitting.lock, name="lock"),
    path("sheets/<int:pk>/remark/", submitting.remark, name="remark"),
    path("sheets/<int:pk>/correct/", corrections.correct, name="correct"),
    path("sheets/<int:pk>/template/", exchange.template, name="template"),
    path("template/", exchange.many_template, name="many-template"),
    path("import/", exchange.take, name="import"),
    path("import/<int:pk>/", exchange.imported, name="imported"),
    path("import/<int:pk>/marked/", exchange.marked_workbook, name="import-marked"),
    path("import/<int:pk>/again/", exchange.import_again, name="import-again"),
    path("corrections/", CorrectionList.as_view(), name="corrections"),
    path("corrections/<int:pk>/", corrections.correction, name="correction"),
    path("corrections/<int:pk>/edit/", corrections.edit, name="correction-edit"),
    path("corrections/<int:pk>/attach/", corrections.attach, name="correction-attach"),
    path("corrections/<int:pk>/files/<int:file>/", corrections.proof, name="correction-file"),
    path("corrections/<int:pk>/submit/", corrections.submit_correction, name="correction-submit"),
    path("corrections/<int:pk>/withdraw/", corrections.withdraw_correction, name="correction-withdraw"),
    path("months/", ClosingList.as_view(), name="months"),
    path("months/close/", closing.close, name="month-close"),
    path("months/<int:pk>/reopen/", closing.reopen, name="month-reopen"),
    *RULES,
]
# What the back office has of it.
office = (
    [
        *RULES,
        path("duties/add/", duties.add, name="duty-add"),
        path("duties/<int:pk>/end/", duties.end, name="duty-end"),
    ],
    app_name,
)
