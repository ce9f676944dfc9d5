"""Which forms there are."""

from gangmu.figures.filing.layouts import defined
from gangmu.figures.filing.models import Form


def current_forms(grain: str = "") -> list[Form]:
    """The versions in force, in the order of their codes; of one grain if it is given."""
    forms = Form.objects.filter(is_current=True).order_by("code")
    return [form for form in forms if not grain or defined(form).grain == grain]


def form_for(code: str) -> Form:
    """The version of a form in force, with which a sheet is opened, whatever its period.

    Raises:
        Form.DoesNotExist: there is no such form.
    """
    return Form.objects.get(code=code, is_current=True)
