"""A certificate as Word document: the template is a Word file itself, filled by docxtpl."""

from datetime import datetime
from importlib import resources
from io import BytesIO

from gangmu.duties.grading.printing.content import Certificate


def write(certificate: Certificate) -> bytes:
    """The Word file."""
    from docxtpl import DocxTemplate

    folder = resources.files(__name__.rpartition(".")[0])
    document = DocxTemplate(BytesIO(folder.joinpath("certificate.docx").read_bytes()))
    document.render(certificate.as_json(), autoescape=True)
    assert document.docx is not None
    properties = document.docx.core_properties
    properties.title, properties.author = f"{certificate.title} {certificate.number}", "Gangmu"
    properties.created = properties.modified = datetime.fromisoformat(certificate.made_at).replace(tzinfo=None)
    made = BytesIO()
    document.save(made)
    return made.getvalue()
