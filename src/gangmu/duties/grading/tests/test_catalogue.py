"""The services of a grade with their hours and standby; the certificate; the gate before going live."""

from io import BytesIO

import docx
import pypdf
import pytest

from gangmu.business import standards
from gangmu.duties.grading import services
from gangmu.duties.grading.catalogue import promised, services_in, services_of
from gangmu.duties.grading.errors import NotPossible, NotReady
from gangmu.duties.grading.models import Certificate, GoLive, Grading
from gangmu.duties.grading.services import certifying, golive, inheriting
from gangmu.duties.grading.shipped import shipped
from gangmu.duties.norms.queries import frozen
from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.documents.services import open_document
from gangmu.foundation.settings import clock

standards.register()
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def table(result: str) -> dict[str, tuple[str, str]]:
    """Topic's English name → (hours, clauses)."""
    return {one.name.en: (one.hours.en, one.clause) for one in promised(shipped("HS/T-42"), result)}


@pytest.mark.req("G-3", "G-4")
@pytest.mark.parametrize(
    ("result", "count", "standby", "recovery", "round_the_clock"),
    [("5", 3, None, "within 3 working days", False), ("4", 6, None, "within 2 working days", False),
     ("3", 11, "cold", "within 1 working day", False), ("2", 11, "warm", "within 4 hours", True),
     ("1", 11, "hot", "within 2 hours", True)],
)  # fmt: skip
def test_the_services_of_a_grade_have_the_hours_and_standby_of_table_1(
    result, count, standby, recovery, round_the_clock
):
    found = table(result)
    assert len(found) == count
    assert found["Time to recover business"][0] == recovery
    assert found.get("Assurance of applications: standby servers", (None,))[0] == standby
    assert ("outside working time" in found["Hotline"][0]) is round_the_clock
    monitoring = found.get("Application monitoring with response to faults")
    assert (monitoring is not None) is (result != "5")
    if monitoring:
        assert monitoring == ("24 hours on 7 days", "T1-8")
    assert ("Assurance of data" in found) is (result != "5")


@pytest.mark.req("G-4")
def test_what_a_grade_promised_is_frozen_with_it(register_):
    grading = register_.graded(register_.system("A"), {"realtime": "medium", "impact": "obvious"})
    assert [one.as_json() for one in services_of(grading)] == grading.catalogue
    assert len(grading.catalogue) == 11
    baseline = grading.baseline
    assert (baseline.cell, baseline.subject, baseline.edition.standard.code) == ("3", "A", "HS/T-42-2014")
    assert baseline.size > len(grading.catalogue)
    assert grading.catalogue == [one.as_json() for one in services_in(frozen(baseline))]
    database = register_.system("DB", supporting=True)
    register_.needs(grading.resource, database)
    user = register_.users["asker"]
    with acting_as(user) as scope:
        taken = inheriting.take_over(database, "HS/T-42", by=user, scope=scope)
    assert taken.catalogue == grading.catalogue
    with pytest.raises(Exception, match="a confirmed grade stands"):
        Grading.objects.filter(pk=grading.pk).update(catalogue=[])


@pytest.mark.req("G-7")
def test_the_certificate_says_the_grade_in_word_and_pdf_and_both_languages(register_):
    grading = register_.graded(
        register_.system("A"), {"realtime": "high", "sensitivity": "high", "dependency": "medium"}
    )
    user = register_.users["asker"]
    with acting_as(user) as scope:
        made = certifying.certify(grading, by=user, scope=scope)
        again = certifying.certify(grading, by=user, scope=scope)
    assert {(one.kind, one.language) for one in made} == {(k, lang) for k in ("pdf", "docx") for lang in ("zh", "en")}
    assert {one.pk for one in made} == {one.pk for one in again}
    wanted = {
        "zh": ["定级证书", "二级", "业务方", "technical", "本单位规则", "温备", "4 小时内", "4.1.4"],
        "en": ["Grade certificate", "System A", "Grade 2", "Business side", "technical", "house rule", "warm",
               "within 4 hours"],
    }  # fmt: skip
    for one in made:
        content = open_document(one.document).read()
        text = read_pdf(content) if one.kind == "pdf" else read_word(content)
        for words in wanted[one.language]:
            assert words in text, (one.kind, one.language, words)
        assert "{{" not in text and "{%" not in text
        if one.language == "en":
            assert "业务方" not in text


def read_pdf(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(content)).pages)


def read_word(content: bytes) -> str:
    document = docx.Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_certificates_are_made_of_grades_in_force_by_who_may(register_):
    grading = register_.prepare(register_.system("A"))
    user = register_.users["asker"]
    with pytest.raises(NotReady, match="Certificates are made of grades in force"):
        certifying.certify(grading, by=user)
    in_force = register_.graded(register_.system("B"))
    register_.person("elsewhere", "system_sponsor", "P1")
    with pytest.raises(NotPossible):
        certifying.certify(in_force, by=register_.users["elsewhere"])
    assert not Certificate.objects.exists()


# The gate -------------------------------------------------------------------------------------------------------------


@pytest.mark.req("G-5")
def test_a_system_goes_live_with_a_grade_and_everything_that_it_asks_for(register_):
    system = register_.system("A")
    user = register_.users["asker"]
    with acting_as(user) as scope:
        gate = services.prepare_golive(system, by=user, scope=scope)
        with pytest.raises(NotReady, match="a confirmed service assurance grade"):
            services.submit_golive(gate, by=user, key="key-of-gate-1", scope=scope)
    register_.graded(system)
    with acting_as(user) as scope:
        with pytest.raises(NotReady, match=r"backup policy.*backup servers.*monitoring needs.*round-the-clock support"):
            services.submit_golive(gate, by=user, key="key-of-gate-2", scope=scope)
        texts = {"backup_policy": "nightly", "backup_servers": "B1, B2", "monitoring": "CPU", "support": "duty phone"}
        services.save_golive(gate, texts, by=user, scope=scope)
        for item in ("backup_policy", "backup_servers"):
            services.hand_over(gate, item, BytesIO(PDF), name=f"{item}.pdf", by=user, scope=scope)
        with pytest.raises(NotReady, match=r"^Not yet: a file of the monitoring needs\.$"):
            services.submit_golive(gate, by=user, key="key-of-gate-3", scope=scope)
        services.hand_over(gate, "monitoring", BytesIO(PDF), name="monitoring.pdf", by=user, scope=scope)
        case = services.submit_golive(gate, by=user, key="key-of-gate-4", scope=scope)
    for party in ("business", "sponsor", "operation"):
        assert GoLive.objects.get().status == "submitted"
        register_.confirm(case, party)
    gate = GoLive.objects.get()
    assert (gate.status, gate.live_on, gate.grading.result) == ("live", clock.today(), "1")
    with pytest.raises(NotPossible):
        services.save_golive(gate, {"monitoring": "less"}, by=user)


@pytest.mark.req("G-5")
def test_what_a_grade_asks_for():
    assert [item.value for item in golive.needs("5")] == []
    for result in "34":
        assert [item.value for item in golive.needs(result)] == ["backup_policy", "backup_servers", "monitoring"]
    for result in "12":
        assert golive.needs(result)[-1].value == "support"
