"""Files: right values, no formulas, exact numbers, constant memory."""

import csv
import datetime
import io
import tracemalloc
from decimal import Decimal

import pytest
from django.contrib.contenttypes.models import ContentType
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from gangmu.foundation.documents import streaming
from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock
from gangmu.foundation.ui import exports

ROW = [
    '电厂, "甲"',
    Decimal("1234567.80"),
    -5,
    datetime.date(2026, 11, 20),
    datetime.datetime(2026, 11, 19, 23, 30, tzinfo=datetime.UTC),
    True,
    None,
    "=1+1",
    "-5",
    "－cmd",
    Decimal("12345678901234567.89"),
]


def csv_of(rows, headers=("a",)):
    target = io.BytesIO()
    exports.write_csv(target, rows, list(headers))
    return target.getvalue()


def test_csv_opens_rightly_in_excel_and_wps():
    data = csv_of([ROW], ["名称"] * len(ROW))
    assert data.startswith(b"\xef\xbb\xbf")
    header, row = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert header[0] == "名称"
    assert row == [
        '电厂, "甲"',
        "1234567.80",
        "-5",
        "2026-11-20",
        "2026-11-20 07:30:00",
        "yes",
        "",
        "'=1+1",
        "-5",
        "'－cmd",
        "12345678901234567.89",
    ]


@given(st.text(max_size=40))
def test_no_text_becomes_a_formula(text):
    safe = exports.harmless(text)
    assert safe in (text, f"'{text}")
    if safe.startswith(streaming.FORMULA_STARTS):
        float(safe)  # only a plain number may begin like this


def test_a_workbook_keeps_types_and_all_digits():
    target = io.BytesIO()
    exports.write_xlsx(target, [ROW], ["c"] * len(ROW))
    sheet = load_workbook(io.BytesIO(target.getvalue())).worksheets[0]
    values = [cell.value for cell in sheet[2]]
    assert values == [
        '电厂, "甲"',
        1234567.8,
        -5,
        datetime.datetime(2026, 11, 20),
        datetime.datetime(2026, 11, 20, 7, 30),
        "yes",
        None,
        "=1+1",
        "-5",
        "－cmd",
        "12345678901234567.89",
    ]
    assert sheet["H2"].data_type == "s"  # a string, never evaluated
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:K2"


def test_what_does_not_fit_on_a_sheet_goes_on_to_the_next(monkeypatch):
    monkeypatch.setattr(streaming, "SHEET_ROWS", 3)
    target = io.BytesIO()
    exports.write_xlsx(target, [[n] for n in range(5)], ["n"])
    book = load_workbook(io.BytesIO(target.getvalue()))
    found = [[row[0] for row in sheet.iter_rows(values_only=True)] for sheet in book]
    assert found == [["n", 0, 1], ["n", 2, 3], ["n", 4]]


@pytest.mark.parametrize("kind", exports.FORMATS)
def test_a_large_file_needs_no_more_memory_than_a_small_one(kind):
    rows = ([n, "text " * 20, Decimal(n)] for n in range(60_000))  # about 7 MB of text
    tracemalloc.start()
    response = exports.file_response(rows, headers=["a", "b", "c"], name="big", kind=kind)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    response.close()
    assert peak < exports.IN_MEMORY + 4_000_000


def test_a_failure_on_the_way_gives_no_half_file():
    def rows():
        yield [1]
        raise RuntimeError("line 2")

    with pytest.raises(RuntimeError):
        exports.file_response(rows(), headers=["a"], name="x", kind="csv")


def test_a_list_is_exported_whole_filtered_sorted_and_with_its_columns(client):
    answer = client.get("/ui/list/?export=csv&app_label=ui&sort=-model&col=model")
    assert answer["Content-Disposition"] == 'attachment; filename="guide-2026-11-20.csv"'
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    models = ContentType.objects.filter(app_label="ui").order_by("-model").values_list("model", flat=True)
    assert list(csv.reader(io.StringIO(text))) == [["Room", "Model"], *(["ui", model] for model in models)]


def test_an_export_is_more_than_a_page(client):
    answer = client.get("/ui/list/?export=xlsx&per_page=25")
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets[0]
    assert sheet.max_row == ContentType.objects.count() + 1


def test_an_export_is_recorded(client, user):
    client.get("/ui/list/?export=csv&app_label=ui")
    event = Event.objects.get(kind="ui.exported")
    assert event.by_id == user.pk
    assert event.data["list"] == "ui.guide" and event.data["rows"] == 2 and event.data["query"] == "app_label=ui"


def test_an_unknown_kind_of_file_is_refused(client):
    assert client.get("/ui/list/?export=exe").status_code == 400


def test_the_file_is_named_by_the_business_day(client):
    with clock.frozen("2026-11-20T23:30+00:00"):
        assert "2026-11-21" in client.get("/ui/list/?export=csv")["Content-Disposition"]
