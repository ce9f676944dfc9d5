"""Hostile expressions, formulas and workbooks, made from a seed: the same seed makes the same."""

import io
import random
import zipfile
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.formatting.rule import FormulaRule

PIECES = [
    "{{", "}}", "｛｛", "｝｝", "{", "}", "「", "」", "，", ",", ";", "=", "＝", " ", "发电量", "generation", "price",
    "利润",
    "同比",
    "年累计", "上期", "上旬", "第3日", "第366日", "第0日", "末日", "day 3", "last week", "机构=JS", "机构=",
    "燃料=风电",
    "期间=2026-09", "期间=9999-99", "期间=2026-01-01..2026-12-31", "至少=locked", "情景=plan",
    "行数=20", "行数=0", "行数=-1",
    "每个下级", "每种燃料", "each child", "标题", "期间", "成员", "序号", "\x00", "\u202e", "\ud83d\ude00",
    "٣", "９", "İ",
    "1e999", "A" * 300, "「" * 50, "{{" * 30, "\n", "\t", "'", '"', "=1+1", "@", "%s", "{0}", "\\",
]  # fmt: skip
FIRST = ["发电量", "「发电量」", "generation", "price", "每个下级", "期间", "期初", "标题", "odd"]
OPTIONS = [
    "同比", "环比增减", "yoy", "年累计", "上期", "去年同期", "第3日", "末周", "ten-day 2", "本机构",
    "机构=江苏公司", "燃料=风电",
    "期间=2026-09", "至少=已锁定", "情景=plan", "行数=2", "状态",
]  # fmt: skip
OPERANDS = [
    "A1", "$A$1", "B$2", "A1:C9", "$4:$5", "A:A", "XFD1048576", "XFE1", "A1048577", "A0", "Sheet2!B1", "'a b'!C3",
    "'[x.xlsx]S'!A1", "[1]S!A1", "Table1[Col]", "[@x]", '"text"', '"', "'", "1e308", "9" * 400, "名称",
    "#REF!", "{1,2;3}",
    "LOG10(1)", "(", ")", "((((", "[[[[", "cmd|'/c x'!A1", "TRUE", "1%", "A1#", "S1:S2!A1", "\u00a0",
]  # fmt: skip
SIGNS = ["+", "-", "*", "/", "^", "&", "<", ">=", ",", ";", " ", ":", "!", "%", "="]
NAMES = [
    "SUM",
    "IF",
    "IFERROR",
    "AVERAGE",
    "ROUND",
    "SUBTOTAL",
    "WEBSERVICE",
    "_xlfn.WEBSERVICE",
    "INDIRECT",
    "FOO",
    "",
]


def expression(chance: random.Random) -> str:
    text = "".join(chance.choice(PIECES) for _ in range(chance.randint(0, 14)))
    shape = chance.random()
    if shape < 0.6:
        text = "{{" + text + "}}"
    if shape < 0.3:
        text = "{{" + chance.choice(PIECES) + "，".join(chance.choice(PIECES) for _ in range(4)) + "}}" + text
    if shape > 0.85:  # nearly right, so that much is read
        options = [chance.choice(OPTIONS) for _ in range(chance.randint(0, 3))]
        said = chance.choice(",，;").join([chance.choice(FIRST), *options])
        text = chance.choice(["月报 ", ""]) + "{{" + said + "}}"
    return text * (chance.choice([1, 1, 1, 1, 1, 40]))


def formula(chance: random.Random, depth: int = 0) -> str:
    made = []
    for _ in range(chance.randint(1, 5)):
        if depth < 4 and chance.random() < 0.3:
            made.append(f"{chance.choice(NAMES)}({formula(chance, depth + 1)})")
        else:
            made.append(chance.choice(OPERANDS))
        made.append(chance.choice(SIGNS))
    text = "".join(made[: None if chance.random() < 0.2 else -1])
    if depth == 0 and chance.random() < 0.02:
        text = chance.choice(
            ["(" * 4000, "[a]" * 2000, "A1+" * 2000, "'" * 8000, '"' * 8001, "-" * 8000, "SUM(" * 1500]
        )
    return text


def workbook(chance: random.Random, path: Path) -> Path:
    """A workbook of hostile cells, rules, merges and names; sometimes with its parts mauled."""
    book = Workbook()
    calm = chance.random() < 0.5  # only what may be filled, so that the filling is tried too
    kinds = [_good, _calm_formula] if calm else [expression, lambda one: "=" + formula(one), _good]
    for number in range(chance.randint(1, 3)):
        sheet = book.active if number == 0 else book.create_sheet(f"Sheet{number + 1}")
        assert sheet is not None
        for _ in range(chance.randint(1, 25)):
            cell = sheet.cell(chance.randint(1, 12), chance.randint(1, 8))
            content = chance.choice(kinds)(chance)
            try:
                cell.value = ILLEGAL_CHARACTERS_RE.sub("", content).encode("utf-8", "ignore").decode()
            except ValueError:
                continue
        for _ in range(chance.randint(0, 3)):
            left, top = chance.randint(1, 6), chance.randint(1, 9)
            try:
                sheet.merge_cells(None, top, left, top + chance.randint(0, 3), left + chance.randint(0, 3))
            except (ValueError, AttributeError):
                continue
        if chance.random() < 0.3:
            sheet.conditional_formatting.add("A1:C9", FormulaRule(formula=[_clean(formula(chance))]))
        if chance.random() < 0.3:
            sheet.print_area = "A1:H12"
    book.save(path)
    if chance.random() < (0.1 if calm else 0.4):
        path.write_bytes(_mauled(chance, path.read_bytes()))
    return path


def _good(chance: random.Random) -> str:
    return chance.choice(
        ["{{发电量}}", "{{每个下级}}", "{{每个下级，行数=2}}", "{{发电量，同比}}", "{{标题}}", "=SUM(B1:B4)"]
    )


def _calm_formula(chance: random.Random) -> str:
    while True:
        text = formula(chance)
        if len(text) < 8_000 and not any(sign in text for sign in ("[", "|", "WEBSERVICE")):
            return "=" + text


def _clean(text: str) -> str:
    return ILLEGAL_CHARACTERS_RE.sub("", text)


def _mauled(chance: random.Random, content: bytes) -> bytes:
    """The archive with one part changed: cut, repeated, with ranges and numbers beyond any bound, or bytes flipped."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    name = chance.choice(sorted(parts))
    part = parts[name]
    how = chance.randrange(7)
    if how == 0:
        part = part[: chance.randrange(len(part) + 1)]
    elif how == 1:
        spot = chance.randrange(len(part) + 1)
        part = part[:spot] + bytes(chance.randrange(256) for _ in range(5)) + part[spot:]
    elif how == 2:
        part = part.replace(
            b"</sheetData>", b'</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
        )
    elif how == 3:
        part = part.replace(b"<row ", b'<row ht="1e999" ').replace(b's="1"', b's="99999"')
    elif how == 4:
        parts["xl/externalLinks/externalLink1.xml"] = b"<externalLink/>"
    elif how == 5:
        part = part.replace(b'r="A', b'r="XFD')
    else:
        part = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>' + part
    parts[name] = part
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, body in parts.items():
            archive.writestr(one, body)
    return out.getvalue()
