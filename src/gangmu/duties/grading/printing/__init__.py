"""Grade certificates 定级证书 as Word and PDF: the same content, in the active language."""

from gangmu.duties.grading.printing import pdf, word
from gangmu.duties.grading.printing.content import Certificate

WRITERS = {"pdf": pdf.write, "docx": word.write}

__all__ = ["WRITERS", "Certificate"]
