"""Forms are loaded in versions: what a sheet was opened with stays as it was."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from gangmu.figures.filing.definitions import SELF, FormDefinition
from gangmu.figures.filing.errors import BadForm
from gangmu.figures.filing.models import Form
from gangmu.figures.filing.rules import RulesInvalid, compile_rules
from gangmu.figures.filing.scenarios import scenario_fault, scenario_id
from gangmu.figures.indicators.catalogue import Catalogue
from gangmu.figures.indicators.queries import catalogue
from gangmu.foundation.parties import kinds
from gangmu.foundation.records.services import note
from gangmu.foundation.records.versioned import Source, put


@transaction.atomic
def load_forms(definitions: Iterable[Mapping[str, Any]], source: Source = "shipped") -> dict[str, Form]:
    """Bring forms into force: the versions that hold now, by code.

    The same definition again changes nothing; another one becomes a new version, and sheets that are under way keep
    theirs. What is shipped is kept beside a local version, which stays in force.

    Raises:
        BadForm: with every problem of every form; nothing was loaded.
    """
    given = list(definitions)
    known = catalogue()
    read = [_read(one, known) for one in given]
    problems = [problem for _definition, faults in read for problem in faults]
    codes = [definition.code for definition, _faults in read if definition]
    problems += [
        _("form %(code)s: is given twice") % {"code": code} for code in sorted({c for c in codes if codes.count(c) > 1})
    ]
    if problems:
        raise BadForm(problems)
    return {
        definition.code: _put(raw, definition, source)
        for raw, (definition, _faults) in zip(given, read, strict=True)
        if definition
    }


def _put(given: Mapping[str, Any], definition: FormDefinition, source: Source) -> Form:
    """The version in force after a definition has been taken in."""
    loaded = put(Form, definition.code, definition.name, given, source)
    form = loaded.row
    if loaded.is_new:
        scenario_id(definition.scenario)
        note("filing.form-loaded", subject=form, data={"code": form.code, "version": form.version, "source": source})
    return form if loaded.in_force else Form.objects.get(code=form.code, is_current=True)


# Checking -------------------------------------------------------------------------------------------------------------


def _read(given: Mapping[str, Any], known: Catalogue) -> tuple[FormDefinition | None, list[str]]:
    code = str(given.get("code", "?"))
    try:
        definition = FormDefinition.from_json(given)
    except KeyError as missing:
        words = {"code": code, "key": missing.args[0]}
        return None, [_("form %(code)s: “%(key)s” is missing, or names nothing that is there") % words]
    except (ValueError, TypeError, AttributeError) as error:
        return None, [_("form %(code)s: cannot be read: %(why)s") % {"code": code, "why": error}]
    faults = _faults(definition, known)
    return definition, [_("form %(code)s: %(fault)s") % {"code": code, "fault": one} for one in faults]


def _faults(definition: FormDefinition, known: Catalogue) -> list[str]:
    found: list[str] = []
    known_kinds = {kind.code for kind in kinds.all_kinds()}
    strange = sorted({*definition.kinds, *(one.level for one in definition.sections)} - known_kinds - {SELF})
    found += [_("“%(kind)s” is not a kind of organisation") % {"kind": kind} for kind in strange]
    attributes = {name for name, _values in (*definition.having, *definition.lacking)}
    strange = sorted(attributes - set(kinds.attributes()))
    found += [_("organisations have no attribute “%(name)s”") % {"name": name} for name in strange]
    if definition.grain not in ("day", "month"):
        found.append(_("its grain is day or month, not %(grain)s") % {"grain": definition.grain})
    if fault := scenario_fault(definition.scenario):
        found.append(fault)
    sections = [section.code for section in definition.sections]
    found += [
        _("two sections are called “%(section)s”") % {"section": code}
        for code in sorted({code for code in sections if sections.count(code) > 1})
    ]
    seen: set[str] = set()
    for item in (item for section in definition.sections for item in section.items):
        if item.indicator in seen:
            found.append(_("“%(item)s” stands in it twice") % {"item": item.indicator})
        seen.add(item.indicator)
        found += _item_faults(item.indicator, definition.grain, known)
        if item.opens_with:
            found += _item_faults(item.opens_with, definition.grain, known)
            found += _opening_faults(item.indicator, item.opens_with, known)
        if item.out_of_service not in ("", "zero", "blank"):
            found.append(
                _("“%(item)s”: out_of_service is zero or blank, not %(given)s")
                % {"item": item.indicator, "given": item.out_of_service}
            )
        spellings = [choice.value for choice in item.choices]
        if len(set(spellings)) < len(spellings):
            found.append(_("“%(item)s”: two choices have one value") % {"item": item.indicator})
    if not seen:
        found.append(_("it has no items"))
    return found or _rule_faults(definition, known)


def _rule_faults(definition: FormDefinition, known: Catalogue) -> list[str]:
    try:
        compile_rules(definition, known)
    except RulesInvalid as error:
        return [str(fault) for fault in error.faults]
    return []


def _item_faults(code: str, grain: str, known: Catalogue) -> list[str]:
    indicator = known.get(code)
    if indicator is None:
        return [_("“%(item)s” is not a known indicator") % {"item": code}]
    if indicator.formula:
        return [_("“%(item)s” is computed by a formula; it is not filed") % {"item": code}]
    if indicator.grain != grain:
        return [_("“%(item)s” is counted by another grain than the form") % {"item": code}]
    return []


def _opening_faults(opening: str, closing: str, known: Catalogue) -> list[str]:
    one, other = known.get(opening), known.get(closing)
    if one is None or other is None:
        return []
    unit, other_unit = known.unit(opening), known.unit(closing)
    if unit.converts_to(other_unit) and unit.in_terms_of(other_unit) == 1:
        return []
    return [_("“%(item)s” cannot open with “%(other)s”: their units differ") % {"item": opening, "other": closing}]
