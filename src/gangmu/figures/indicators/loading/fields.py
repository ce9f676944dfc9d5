"""Fields that dictionaries share: keys, codes, names in both languages, days; each fault with its place."""

from collections.abc import Callable, Iterable
from datetime import date
from difflib import get_close_matches

from django.utils.translation import gettext as _

from gangmu.figures.indicators.categories.definitions import CATEGORY_CODE, LONGEST_CODE
from gangmu.figures.indicators.loading.reading import name_fault
from gangmu.figures.indicators.loading.yamlfile import Entries, Node, Text
from gangmu.foundation.parties.kinds import Words

LONGEST_NAME = 60


class Fields:
    """Reads values of a YAML file; `wrong` takes what is wrong with a node."""

    def __init__(self, wrong: Callable[[Node, str], None]) -> None:
        self.wrong = wrong

    def given(self, node: Node, known: Iterable[str], needed: Iterable[str], form: str) -> dict[str, Node]:
        if not isinstance(node, Entries):
            self.wrong(node, form)
            return {}
        for key, _value in node.entries:
            if key.value not in known:
                near = get_close_matches(key.value, list(known), n=1, cutoff=0.5)
                message = _("unknown key “%(key)s”. Known keys: %(known)s.")
                message %= {"key": key.value[:60], "known": ", ".join(known)}
                hint = " " + _("Did you mean “%(suggestion)s”?") % {"suggestion": near[0]} if near else ""
                self.wrong(key, message + hint)
        found = {key.value: value for key, value in node.entries if not (isinstance(value, Text) and value.is_nothing)}
        missing = [key for key in needed if key not in found]
        if missing:
            self.wrong(node, _("missing: %(keys)s.") % {"keys": ", ".join(missing)})
        return found

    def code(self, node: Node | None) -> str | None:
        if node is None:
            return None
        if not isinstance(node, Text) or not CATEGORY_CODE.fullmatch(node.value) or len(node.value) > LONGEST_CODE:
            message = _(
                "a code begins with a letter and goes on with letters, digits and _: at most %(most)d characters."
            )
            self.wrong(node, message % {"most": LONGEST_CODE})
            return None
        return node.value

    def name(self, node: Node | None, form: str = "", longest: int = LONGEST_NAME) -> Words | None:
        """A text in both languages; `form` says what it looks like."""
        if node is None:
            return None
        given = {key.value: value for key, value in node.entries} if isinstance(node, Entries) else {}
        texts = {key: value.value.strip() for key, value in given.items() if isinstance(value, Text)}
        if set(given) != {"zh", "en"} or len(texts) != 2:
            self.wrong(node, form or _("a name has both languages: {zh: 现货, en: Spot}."))
            return None
        for key, text in texts.items():
            fault = name_fault(text)
            if not fault and len(text) > longest:
                words = {"length": len(text), "most": longest}
                fault = _("the name has %(length)d characters; at most %(most)d.") % words
            if fault:
                self.wrong(given[key], fault)
                return None
        return Words(texts["zh"], texts["en"])

    def day(self, node: Node | None) -> date | None:
        if node is None:
            return None
        try:
            found = date.fromisoformat(node.value) if isinstance(node, Text) and len(node.value) == 10 else None
        except ValueError:
            found = None
        if found is None:
            self.wrong(node, _("“%(day)s” is not a day such as 2025-12-31.") % {"day": getattr(node, "value", "")[:40]})
        return found
