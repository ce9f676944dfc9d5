from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentPagesConfig(AppConfig):
    name = "gangmu.shell.documents"
    label = "document_pages"
    verbose_name = _("Documents")

    def ready(self) -> None:
        from gangmu.foundation.ui import menu

        menu.register(
            "documents.list", _("Documents"), "documents:list", icon="file-text", section="organisation", order=30
        )
