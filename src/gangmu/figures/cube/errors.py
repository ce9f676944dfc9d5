"""Why a question cannot be answered."""

from django.utils.translation import gettext as _

from gangmu.foundation.settings.notnow import NotNow


class CannotAnswer(Exception):
    """A question that has no answer. The text says what is wrong and, where it can be told, what was meant."""

    def __init__(self, message: str, suggestion: str | None = None) -> None:
        if suggestion:
            message += " " + _("Did you mean “%(code)s”?") % {"code": suggestion}
        super().__init__(message)
        self.suggestion = suggestion


class UnknownIndicator(CannotAnswer):
    """No indicator has this code."""


class NotVisible(CannotAnswer):
    """No organisation has this code, or none that the asker may see: which of the two is not told."""

    def __init__(self, code: str, suggestion: str | None = None) -> None:
        super().__init__(
            _("There is no organisation “%(code)s”, or you may not see its figures.") % {"code": code[:80]}, suggestion
        )
        self.code = code


class NotSplit(CannotAnswer):
    """An indicator is not split by categories."""

    def __init__(self, code: str) -> None:
        super().__init__(_("%(code)s is not split by categories.") % {"code": code[:80]})


class UnknownCategory(CannotAnswer):
    """An indicator has no part for this category."""

    def __init__(self, category: str, code: str, possible: list[str], suggestion: str | None = None) -> None:
        words = {"category": category[:60], "code": code, "possible": ", ".join(possible)}
        super().__init__(_("%(code)s has no part “%(category)s”. Possible: %(possible)s.") % words, suggestion)


class OtherUnit(CannotAnswer):
    """Figures cannot be told in a unit: it measures something else, or is none."""

    def __init__(self, code: str, own: str, unit: str) -> None:
        words = {"code": code, "own": own, "unit": unit[:40]}
        super().__init__(_("%(code)s is measured in %(own)s and cannot be told in “%(unit)s”.") % words)


class UnknownScope(CannotAnswer):
    """No statistical scope has this code."""

    def __init__(self, code: str, suggestion: str | None = None) -> None:
        super().__init__(_("There is no statistical scope “%(code)s”.") % {"code": code[:60]}, suggestion)


class NotShown(CannotAnswer):
    """A statistical scope is not shown for organisations of this kind."""

    def __init__(self, scope: str, code: str, levels: str) -> None:
        words = {"scope": scope, "code": code, "levels": levels}
        super().__init__(
            _("By the statistical scope “%(scope)s” no figures of %(code)s are shown; it is for %(levels)s.") % words
        )


class NoFestivalBase(CannotAnswer):
    """The days of a period cannot be compared by their distance from the Spring Festival."""


class BadOption(CannotAnswer):
    """An option has a value that it cannot have."""

    def __init__(self, option: str, value: object, known: tuple[str, ...], suggestion: str | None = None) -> None:
        super().__init__(
            _("“%(value)s” is no value of %(option)s. Possible: %(known)s.")
            % {"value": str(value)[:80], "option": option, "known": ", ".join(known)},
            suggestion,
        )


class CubeBehind(CannotAnswer, NotNow):
    """The cube cannot be read at the moment."""

    def __init__(self) -> None:
        super().__init__(_("The figures are being brought up to date. Ask again in a moment."))
