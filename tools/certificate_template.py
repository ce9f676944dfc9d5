"""Make the Word template of grade certificates; whoever likes changes it in Word afterwards.

Tags are docxtpl's: `{{ name }}`, and `{%tr for … %}` in rows of their own that are gone in the certificate.
"""

from pathlib import Path

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table
from docx.text.paragraph import Paragraph

TARGET = Path(__file__).resolve().parent.parent / "src/gangmu/duties/grading/printing/certificate.docx"
INK, SOFT, MAIN, AMBER = (RGBColor.from_string(one) for one in ("1F2937", "64748B", "1F5FA8", "B45309"))
FONT = "Microsoft YaHei"  # on the readers' machines; others take their own


def say(paragraph: Paragraph, text: str, size: float = 10, colour: RGBColor = INK, *, bold: bool = False) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.font.color.rgb, run.bold, run.font.name = Pt(size), colour, bold, FONT
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)
    paragraph.paragraph_format.space_after = Pt(2)


def main() -> None:
    document = Document()
    (section,) = document.sections
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(20)
    say(document.add_paragraph(), "{{ demonstration }}", 8, RGBColor.from_string("B91C1C"))
    say(document.add_paragraph(), "{{ title }}", 24, bold=True)
    say(document.add_paragraph(), "{{ standard }}", 10, SOFT)
    say(document.add_paragraph(), "{{ number }}", 9, SOFT)
    result = document.add_paragraph()
    say(result, "{{ result_title }}  ", 11, SOFT)
    say(result, "{{ result }}", 24, MAIN, bold=True)
    say(result, "  {{ since }}", 10)
    rows(document, ["facts"], [("{{ one[0] }}", SOFT), ("{{ one[1] }}", INK)], [40, 130])
    part(document, "way", "{{ words.way }}")
    say(document.add_paragraph(), "{{ way | join('  ←  ') }}")
    end(document)
    part(document, "factors", "{{ words.factors }}")
    rows(document, ["factors"], [("{{ one[0] }}", SOFT), ("{{ one[1] }}", INK)], [60, 110])
    end(document)
    part(document, "steps", "{{ words.calculation }}")
    cells = [
        ("{{ one.number }}", SOFT),
        ("{{ one.parts }}", INK),
        ("→ {{ one.made }}", MAIN),
        ("{{ one.source }}", AMBER),
    ]
    rows(document, ["steps"], cells, [8, 72, 38, 52])
    end(document)
    part(document, "parties", "{{ words.parties }}")
    cells = [("{{ one[0] }}", INK), ("{{ one[1] }}", INK), ("{{ one[2] }}", INK)]
    rows(document, ["parties", "{{ words.party }}", "{{ words.name }}", "{{ words.time }}"], cells, [65, 60, 45])
    end(document)
    part(document, "services", "{{ words.services }}")
    cells = [("{{ one.name }}", INK), ("{{ one.hours }}", INK)]
    rows(document, ["services", "{{ words.service }}", "{{ words.hours }}"], cells, [120, 50])
    end(document)
    say(document.add_paragraph(), "{%p for note in notes %}")
    say(document.add_paragraph(), "{{ note }}", 8, SOFT)
    say(document.add_paragraph(), "{%p endfor %}")
    document.save(str(TARGET))


def part(document, name: str, heading: str) -> None:
    """What follows until `end` stands only where there is something in a list."""
    say(document.add_paragraph(), "{%p if " + name + " %}")
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_before = Pt(12)
    say(paragraph, heading, 12, MAIN, bold=True)


def end(document) -> None:
    say(document.add_paragraph(), "{%p endif %}")


def rows(document, of: list[str], cells: list[tuple[str, RGBColor]], widths: list[int]) -> None:
    """A table with a row for each of a list, and a row of headings where there are some."""
    name, *heads = of
    table: Table = document.add_table(rows=0, cols=len(cells))
    table.alignment = WD_TABLE_ALIGNMENT.LEFT
    table.style = "Table Grid" if heads else None
    if heads:
        for cell, head in zip(table.add_row().cells, heads, strict=True):
            say(cell.paragraphs[0], head, 9, bold=True)
    say(table.add_row().cells[0].paragraphs[0], "{%tr for one in " + name + " %}")
    for cell, (text, colour) in zip(table.add_row().cells, cells, strict=True):
        say(cell.paragraphs[0], text, 9.5, colour)
    say(table.add_row().cells[0].paragraphs[0], "{%tr endfor %}")
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)


if __name__ == "__main__":
    main()
