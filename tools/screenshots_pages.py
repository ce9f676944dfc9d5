"""What `make screenshots` visits: every address of the site by its name, as whom, and with which parameters.

An address that is neither in PAGES nor in NOT_SHOWN stops the tool (and a test): a new page is not forgotten.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

NOBODY, NOBODY_AT_OFFICE = "nobody", "nobody-office"
NOBODIES = (NOBODY, NOBODY_AT_OFFICE)
AT_OFFICE = ("admin", "system", "security", "audit", NOBODY_AT_OFFICE)  # who signs in to the back office


@dataclass(frozen=True)
class Via:
    """The first link on the page `start` whose address matches `link`; `tail` is put after it.

    `then` is looked for anywhere on the page that it leads to: its first group is where the shot is. `into` is another
    address that takes the number in the first.
    """

    start: str
    link: str
    tail: str = ""
    then: str = ""
    into: str = ""

    def found_in(self, text: str) -> str | None:
        for match in re.finditer(r'href="([^"]+)"', text):
            address = match[1].replace("&amp;", "&")
            if re.search(self.link, address):
                return address
        return None


def site_of(account: str) -> str:
    return "office" if account in AT_OFFICE else "business"


@dataclass(frozen=True)
class Shot:
    """One page as one account sees it. `act` does something first: opens a window, presses a button."""

    file: str
    shows: str
    account: str
    at: str | Via
    act: "Callable[[Tab], None] | None" = None
    statuses: tuple[int, ...] = (200,)
    full: bool = True  # the whole page, or only what the window shows
    desk: int = 900  # the height of a desk's window
    widths: tuple[int, ...] = (1440, 390)
    in_words: bool = True  # whether every word has to be of the page's language


def _press(selector: str) -> "Callable[[Tab], None]":
    def act(tab: "Tab") -> None:
        tab.locator(selector).first.click()
        tab.wait_for_load_state("networkidle")

    return act


def _explanation(tab: "Tab") -> None:
    tab.locator("[data-window='#explanation'][href*='utilisation_hours']").first.click()
    tab.wait_for_selector("#explanation .explained-figure")
    tab.wait_for_load_state("networkidle")


def _prove(tab: "Tab") -> None:
    """Some pages ask for the password once more; they come after it."""
    if "/prove/" in tab.url:
        tab.fill("main input[type=password]", "gangmu-demonstration")
        with tab.expect_navigation():
            tab.locator("main form button[type=submit]").first.click()
        tab.wait_for_load_state("networkidle")


def _preview_formula(tab: "Tab") -> None:
    """The formula is doubled; nothing is applied."""
    tab.fill("main textarea[name=formula]", "generation / capacity_mw * 2")
    tab.fill("main input[name=because]", "–")
    tab.locator("main button[value=preview]").click()
    tab.wait_for_selector("#preview")
    tab.wait_for_load_state("networkidle")


def _sheet(status: str, tail: str = "") -> Via:
    return Via(f"/filing/sheets/?status={status}", r"^/filing/sheets/\d+/$", tail)


def _open_case(tail: str) -> Via:
    """A case that waits for whoever looks."""
    return Via("/inbox/", r"^/filing/sheets/\d+/$", tail, then=r'"(/approvals/\d+/)(?:approve|return)/')


_PUBLICATION = Via("/publications/", r"^/publications/\d+/$")
_GRADING = Via("/grading/", r"^/grading/systems/\d+/$", then=r'href="(/grading/gradings/\d+/)"')
_CORRECTION = Via("/filing/corrections/", r"^/filing/corrections/\d+/$")


PAGES = [
    # signing in
    Shot("sign-in", "accounts:sign-in", NOBODY, "/sign-in/"),
    Shot("office-sign-in", "accounts:sign-in", NOBODY_AT_OFFICE, "/sign-in/"),
    Shot("office-home", "home", "admin", "/"),
    Shot("account", "accounts:account", "leader", "/account/"),
    Shot("account-prove", "accounts:prove", "leader", "/account/prove/"),
    Shot("account-password", "accounts:password", "leader", "/account/password/", _prove),
    Shot("account-authenticator", "accounts:authenticator", "leader", "/account/authenticator/", _prove),
    Shot("account-passkey", "accounts:new-passkey", "leader", "/account/passkey/", _prove),
    # home pages
    Shot("home-group", "boards:home", "group", "/home/"),
    Shot("home-group-top", "boards:home", "group", "/home/", full=False, desk=970),
    Shot("home-group-month", "boards:home", "group", Via("/home/", r"period=\d{4}-\d\d(&|$)")),
    Shot("home-group-arrange", "boards:home", "group", "/home/?arrange=1", widths=(1440,)),  # no phone offers it
    Shot("home-group-explanation", "boards:home", "group", "/home/", _explanation, full=False),
    Shot("home-region", "boards:of", "region", "/home/EAST/"),
    Shot("home-plant", "boards:of", "group", "/home/401/"),
    Shot("home-plant-own", "boards:of", "plant", "/home/401/"),
    # work
    Shot("inbox-clerk", "inbox:list", "plant", "/inbox/"),
    Shot("inbox-reviewer", "inbox:list", "review", "/inbox/"),
    Shot("inbox-region", "inbox:list", "region", "/inbox/"),
    Shot("inbox-group", "inbox:list", "group", "/inbox/"),
    Shot("day-clerk", "filing:day", "plant", "/filing/"),
    Shot("day-region", "filing:day", "region", "/filing/"),
    Shot("day-group", "filing:day", "group", "/filing/"),
    Shot("sheets", "filing:sheets", "plant", "/filing/sheets/"),
    Shot("grid", "filing:edit", "plant", _sheet("open", "edit/")),
    Shot("grid-returned", "filing:edit", "plant", _sheet("returned", "edit/")),
    Shot("submit", "filing:submit", "plant", _sheet("returned", "submit/")),
    Shot("sheet-returned", "filing:sheet", "plant", _sheet("returned")),
    Shot("sheet-waiting", "filing:sheet", "region", Via("/inbox/", r"^/filing/sheets/\d+/$")),
    Shot("sheet-locked", "filing:sheet", "region", _sheet("locked")),
    Shot("sheet-history", "filing:history", "plant", _sheet("returned", "history/")),
    Shot("recall", "filing:recall", "plant", _sheet("submitted", "recall/")),
    Shot("side-by-side", "filing:many", "plant", "/filing/many/?form=coal_daily&period={yesterday}"),
    Shot("import", "filing:import", "plant", "/filing/import/"),
    Shot("imported", "filing:imported", "plant", Via("/ui/jobs/", r"^/filing/import/\d+/$")),
    Shot("corrections", "filing:corrections", "region", "/filing/corrections/"),
    Shot("closed-months", "filing:months", "group", "/filing/months/"),
    Shot("close-month", "filing:month-close", "group", "/filing/months/close/"),
    Shot("correct", "filing:correct", "plant", _sheet("locked", "correct/")),
    Shot("correction", "filing:correction", "plant", _CORRECTION),
    Shot(
        "correction-edit",
        "filing:correction-edit",
        "plant",
        replace(_CORRECTION, tail="edit/"),
    ),
    Shot("forms", "filing:forms", "group", "/filing/forms/"),
    Shot("form", "filing:form", "group", "/filing/forms/coal_daily/"),
    Shot("duties", "filing:duties", "admin", "/filing/duties/"),
    Shot("duty-add", "filing:duty-add", "admin", "/filing/duties/add/"),
    Shot("duty-end", "filing:duty-end", "admin", Via("/filing/duties/", r"^/filing/duties/\d+/end/$")),
    Shot("events", "power:events", "plant", "/power/events/"),
    Shot("event-add", "power:event-add", "plant", "/power/events/add/"),
    Shot("event-void", "power:event-void", "plant", Via("/power/events/", r"^/power/events/\d+/void/$")),
    # approvals
    Shot("approvals", "approvals:list", "region", "/approvals/"),
    Shot("case", "approvals:case", "region", _open_case("")),
    Shot("case-approve", "approvals:act", "region", _open_case("approve/")),
    Shot("case-return", "approvals:act", "region", _open_case("return/")),
    Shot("case-delegate", "approvals:act", "region", _open_case("delegate/")),
    Shot("approve-many", "approvals:bulk", "region", "/approvals/many/"),
    Shot("late", "approvals:late", "group", "/approvals/late/"),
    Shot("decisions", "approvals:decisions", "region", "/approvals/decisions/"),
    Shot("leave", "approvals:leave", "review", "/approvals/leave/"),
    Shot("routes", "approvals:routes", "group", "/approvals/routes/"),
    Shot("route", "approvals:route", "group", Via("/approvals/routes/", r"^/approvals/routes/\d+/$")),
    # figures
    Shot("reports", "reports:list", "group", "/reports/"),
    Shot("daily-report", "reports:report", "group", "/reports/power_daily/"),
    Shot("daily-report-top", "reports:report", "group", "/reports/power_daily/", full=False, desk=1100),
    Shot("brief", "reports:brief", "group", "/reports/power_daily/brief/"),
    Shot("scopes", "scopes:list", "group", "/scopes/"),
    Shot("scope", "scopes:one", "group", "/scopes/equity/"),
    Shot("scope-add", "scopes:add", "admin", "/scopes/new/add/"),
    Shot("scope-edit", "scopes:edit", "admin", "/scopes/equity/edit/"),
    Shot("scope-remove", "scopes:remove", "admin", "/scopes/equity/remove/"),
    Shot("designs", "designs:list", "group", "/designs/", in_words=False),
    Shot("designed-month", "designs:report", "group", "/designs/power_month/"),
    Shot("designed-versions", "designs:versions", "group", "/designs/power_month/versions/", in_words=False),
    Shot("designed-settings", "designs:settings", "group", "/designs/power_month/settings/"),
    Shot("designed-new", "designs:add", "group", "/designs/add/"),
    Shot("designed-language", "designs:language", "group", "/designs/language/", in_words=False),
    Shot("publications", "publications:mine", "group", "/publications/"),
    Shot("publications-made", "publications:made", "group", "/publications/made/"),
    Shot("publication-add", "publications:add", "group", "/publications/add/"),
    Shot("publication", "publications:one", "plant", _PUBLICATION),
    Shot(
        "publication-end", "publications:end", "group", replace(_PUBLICATION, start="/publications/made/", tail="end/")
    ),
    Shot("study", "studies:one", "group", "/analysis/?indicator=on_grid_revenue&period=2026-10"),
    Shot("study-of-a-ratio", "studies:one", "group", "/analysis/?indicator=coal_rate&period=2026-10&method=shapley"),
    Shot("pivot", "pivots:one", "group", "/pivots/"),
    Shot("pivot-save", "pivots:save", "group", Via("/pivots/", r"^/pivots/save/")),
    Shot("pivots", "pivots:saved", "group", "/pivots/saved/"),
    Shot(
        "pivot-filed", "pivots:schedule", "group", Via("/pivots/saved/", r"^/pivots/\d+/$", "schedule/"), in_words=False
    ),
    Shot("figures", "figures:lookup", "group", "/figures/"),
    Shot("figures-of-the-tier", "figures:lookup", "group", "/figures/?indicator=generation&by=children&unit=tier"),
    Shot("curve", "curves:one", "group", "/curves/"),
    Shot("curves-load", "curves:load", "group", "/curves/load/"),
    Shot("taxes", "formulas:taxes", "group", "/indicators/taxes/"),
    Shot("indicators", "formulas:list", "group", "/indicators/"),
    Shot("indicator", "formulas:one", "group", "/indicators/utilisation_hours/"),
    Shot("indicator-new", "formulas:make", "admin", "/indicators/new/"),
    Shot("indicator-change", "formulas:change", "admin", "/indicators/utilisation_hours/change/", _preview_formula),
    Shot("figures-by-region", "figures:lookup", "group", "/figures/?indicator=generation&by=children&compare=year-ago"),
    Shot("explanation", "figures:explain", "group", Via("/figures/?indicator=auxiliary_rate", r"^/figures/explain/")),
    # organisations, documents, notices
    Shot("tree", "organisations:tree", "group", "/organisations/"),
    Shot("organisations", "organisations:list", "group", "/organisations/list/"),
    Shot("organisation-region", "organisations:detail", "group", "/organisations/of/EAST/"),
    Shot("organisation-plant", "organisations:detail", "group", "/organisations/of/401/"),
    Shot("documents", "documents:list", "plant", "/documents/"),
    Shot("document-add", "documents:add", "plant", "/documents/add/"),
    Shot("document", "documents:detail", "plant", Via("/documents/", r"^/documents/\d+/$")),
    Shot("notices", "notices:list", "plant", "/notices/"),
    # records
    Shot("record-events", "records:events", "audit", "/records/events/"),
    Shot("record-event", "records:event", "audit", Via("/records/events/", r"^/records/events/\d+/$")),
    Shot("record-changes", "records:history", "audit", "/records/history/"),
    Shot("record-change", "records:change", "audit", Via("/records/history/", r"^/records/history/\d+/$")),
    # the back office: people, roles, organisations, records
    Shot("people", "people:list", "system", "/people/"),
    Shot("person", "people:one", "system", Via("/people/", r"^/people/\d+/$")),
    Shot("person-new", "people:create", "system", "/people/new/"),
    Shot("person-edit", "people:edit", "system", Via("/people/", r"^/people/\d+/$", "edit/")),
    Shot("people-import", "people:import", "system", "/people/import/"),
    Shot("people-reports", "people:reports", "system", "/people/reports/"),
    Shot("people-dormant", "people:dormant", "system", "/people/reports/dormant/"),
    Shot("people-never-used", "people:never-used", "system", "/people/reports/never-used/"),
    Shot("people-without-role", "people:without-role", "security", "/people/reports/without-role/"),
    Shot("people-shared", "people:shared", "system", "/people/reports/shared/"),
    Shot("administrators", "people:administrators", "security", "/people/reports/administrators/"),
    Shot("policy", "people:policy", "security", "/people/policy/"),
    Shot("policy-change", "people:policy-change", "security", "/people/policy/change/", _prove),
    Shot("roles", "roles:list", "security", "/roles/"),
    Shot("role", "roles:one", "security", Via("/roles/", r"^/roles/\d+/$")),
    Shot("role-add", "roles:add", "security", "/roles/add/", _prove),
    Shot("role-edit", "roles:edit", "security", Via("/roles/", r"^/roles/\d+/$", "edit/"), _prove),
    Shot("role-menu", "roles:menu", "security", Via("/roles/", r"^/roles/\d+/$", "menu/"), _prove),
    Shot("roles-compare", "roles:compare", "security", "/roles/compare/"),
    Shot("assignments", "roles:assignments", "security", "/roles/assignments/"),
    Shot("assignment-give", "roles:give", "security", "/roles/assignments/give/", _prove),
    Shot("seen", "roles:seen", "security", "/roles/seen/"),
    Shot("why", "roles:why", "plant", "/roles/why/"),
    Shot("reviews", "roles:reviews", "security", "/roles/reviews/"),
    Shot("changes", "changes:list", "system", "/organisations/change/"),
    Shot("change-begin", "changes:begin", "system", "/organisations/change/of/401/"),
    Shot("change-ask", "changes:ask", "system", "/organisations/change/of/401/move/"),
    Shot("unit-parameters", "changes:parameters", "admin", "/organisations/change/parameters/"),
    Shot("unit-parameters-of", "changes:parameters-of", "admin", "/organisations/change/parameters/of/401/"),
    Shot("record-overview", "records:overview", "audit", "/records/"),
    Shot("record-person", "records:person", "audit", Via("/records/events/", r"^/records/people/\d+/$")),
    Shot("record-seals", "records:seals", "audit", "/records/seals/"),
    Shot("alarms", "records:alarms", "audit", "/records/alarms/"),
    Shot("alarm-rules", "records:alarm-rules", "audit", "/records/alarms/rules/"),
    Shot("record-export", "records:export", "audit", "/records/export/"),
    Shot("retention", "records:retention", "audit", "/records/retention/"),
    Shot("record-receivers", "records:receivers", "audit", "/records/receivers/"),
    # duties: standards, the register of systems, their grades
    Shot("standards", "norms:standards", "group", "/norms/", in_words=False),
    Shot("standard-cell", "norms:clauses", "group", "/norms/jr-t-0133-2015/?cell=A3%2BB4"),
    Shot("standard-clause", "norms:clause", "group", "/norms/jr-t-0133-2015/clauses/7.4.5-d/"),
    Shot("standard-compare", "norms:compare", "group", "/norms/jr-t-0133-2015/compare/?a=A3B3&b=A3%2BB3"),
    Shot("standard-figures", "norms:figures", "group", "/norms/jr-t-0133-2015/figures/"),
    Shot("standard-freeze", "norms:freeze", "technical", "/norms/jr-t-0133-2015/freeze/?cell=A3%2BB4"),
    Shot("baselines", "norms:baselines", "group", "/norms/baselines/"),
    Shot("baseline", "norms:baseline", "group", Via("/norms/baselines/", r"^/norms/baselines/\d+/$")),
    Shot("resources", "resources:list", "group", "/resources/"),
    Shot("resource", "resources:one", "group", Via("/resources/", r"^/resources/\d+/$")),
    Shot("resource-fails", "resources:if-fails", "group", Via("/resources/", r"^/resources/\d+/$", "if-fails/")),
    Shot("resources-picture", "resources:picture", "group", "/resources/picture/"),
    Shot("resource-add", "resources:add", "technical", "/resources/add/"),
    Shot("resource-edit", "resources:edit", "technical", Via("/resources/", r"^/resources/\d+/$", "edit/")),
    Shot("resource-end", "resources:end", "technical", Via("/resources/", r"^/resources/\d+/$", "end/")),
    Shot("resource-need", "resources:need", "technical", Via("/resources/", r"^/resources/\d+/$", "need/")),
    Shot("resources-import", "resources:import", "technical", "/resources/import/"),
    Shot("grades", "grading:systems", "group", "/grading/"),
    Shot("grade-system", "grading:system", "group", Via("/grading/", r"^/grading/systems/\d+/$")),
    Shot(
        "grade-workbench", "grading:workbench", "operation", Via("/grading/", r"^/grading/systems/\d+/$", "by/hs-t-42/")
    ),
    Shot("grading", "grading:grading", "group", _GRADING),
    Shot(
        "grade-services",
        "grading:catalogue",
        "group",
        replace(_GRADING, then=r'href="(/grading/gradings/\d+/services/)"'),
    ),
    Shot("go-live", "grading:golive", "business", Via("/grading/", r"^/grading/systems/\d+/$", "go-live/")),
    Shot("grade-matrices", "grading:matrices", "technical", "/grading/schemes/hs-t-42/"),
    Shot("grade-matrix-edit", "grading:matrix-edit", "technical", "/grading/schemes/hs-t-42/grade/"),
    # jobs, the style guide, errors
    Shot("jobs", "ui:jobs", "plant", "/ui/jobs/"),
    Shot("job", "ui:job", "plant", Via("/ui/jobs/", r"^/filing/import/\d+/$", into="/ui/jobs/{}/")),
    Shot("guide", "ui:guide", "group", "/ui/", in_words=False),
    Shot("guide-list", "ui:guide-list", "group", "/ui/list/", in_words=False),
    Shot("guide-charts", "ui:guide-charts", "group", "/ui/charts/", in_words=False),
    Shot("guide-form", "ui:guide-form", "group", "/ui/form/"),
    Shot("error-404", "ui:guide-error", "group", "/no-such-page/", statuses=(404,)),
    Shot("error-403", "ui:guide-error", "group", "/ui/errors/403/", statuses=(403,)),
    Shot("error-500", "ui:guide-error", "group", "/ui/errors/500/", statuses=(500,)),
]

NOT_SHOWN = {
    "formulas:check": "what the editor asks",
    "formulas:names": "what the editor asks",
    "accounts:provider": "leads on to another site",
    "accounts:provider-back": "leads on to another site",
    "accounts:sound": "a file",
    "approvals:bundle": "a file",
    "approvals:sign": "acts",
    "approvals:signing": "only with a certificate",
    "approvals:signing-text": "a file",
    "changes:discard": "acts",
    "curves:confirm": "acts",
    "curves:loaded": "only when a file has been tried",
    "curves:template": "a file",
    "changes:draft": "only with a change of organisations under way",
    "changes:one": "only with a change of organisations under way",
    "changes:parameters-import": "only with a change of organisations under way",
    "changes:withdraw": "only with a change of organisations under way",
    "designs:apply": "acts",
    "designs:compare": "only of a report with two editions",
    "designs:confirm": "acts",
    "designs:file": "a file",
    "designs:issue": "acts",
    "designs:receipts": "only of a report that was issued",
    "designs:subscribe": "acts",
    "designs:template": "a file",
    "grading:certificate": "a file",
    "grading:certify": "acts",
    "grading:golive-attach": "acts",
    "grading:golive-file": "a file",
    "grading:golive-save": "acts",
    "grading:golive-submit": "acts",
    "grading:golive-take-back": "acts",
    "grading:golive-withdraw": "acts",
    "grading:submit": "acts",
    "grading:take-over": "acts",
    "grading:withdraw": "acts",
    "norms:oscal": "a file",
    "resources:export": "a file",
    "resources:preview": "only with a file that was given",
    "resources:take-over": "acts",
    "resources:template": "a file",
    "resources:unneed": "acts",
    "people:act": "acts",
    "people:bind-certificate": "only with a certificate",
    "people:end-session": "acts",
    "people:place": "only of accounts that stand nowhere",
    "people:policy-withdraw": "acts",
    "people:preview": "only with a file under way",
    "people:sheet": "a file",
    "people:take-over": "acts",
    "people:template": "a file",
    "people:unbind-certificate": "acts",
    "records:alarm": "a form on another page, or one entry of a list",
    "records:answer-purge": "acts",
    "records:answer-retention": "acts",
    "records:ask-purge": "a form on another page, or one entry of a list",
    "records:ask-retention": "a form on another page, or one entry of a list",
    "records:end-receiver": "acts",
    "records:hold": "a form on another page, or one entry of a list",
    "records:lengthen": "a form on another page, or one entry of a list",
    "records:release": "acts",
    "records:thing": "a form on another page, or one entry of a list",
    "records:verify": "acts",
    "roles:open-review": "acts",
    "roles:decide": "acts",
    "roles:end": "a form as that of giving",
    "roles:part": "only with a review under way",
    "roles:part-file": "a file",
    "roles:remove": "acts",
    "roles:renew": "a form as that of giving",
    "roles:sign": "acts",
    "accounts:sign-out": "acts",
    "approvals:leave-end": "acts",
    "approvals:remind-late": "acts",
    "boards:arrange": "acts",
    "pivots:home": "acts",
    "pivots:delete": "acts",
    "pivots:open": "leads to the pivot's own address",
    "boards:reset": "acts",
    "documents:download": "a file",
    "documents:remove": "acts",
    "filing:cell-remarks": "part of the grid",
    "filing:cells": "part of the grid",
    "filing:correction-attach": "acts",
    "filing:correction-file": "a file",
    "filing:correction-submit": "acts",
    "filing:correction-withdraw": "acts",
    "filing:import-again": "acts",
    "filing:import-marked": "a file",
    "filing:many-template": "a file",
    "filing:open": "acts",
    "filing:lock": "acts",
    "filing:month-reopen": "only of a month that is closed",
    "filing:remark": "acts",
    "filing:remind": "acts",
    "filing:template": "a file",
    "filing:worker": "a script",
    "inbox:count": "part of every page",
    "notices:open": "leads on to another page",
    "notices:read": "acts",
    "accounts:bind-certificate": "acts",
    "accounts:certificate": "acts",
    "accounts:demonstration": "acts",
    "accounts:due": "a step of signing in, only with a password that has run out",
    "accounts:end-others": "acts",
    "accounts:enrol": "a step of signing in, only where a second factor is due",
    "accounts:new-passkey-question": "part of the page of passkeys",
    "accounts:passkey": "acts",
    "accounts:passkey-question": "part of the sign-in page",
    "accounts:recovery": "only with an authenticator",
    "accounts:remove": "acts",
    "accounts:second": "a step of signing in, only with an authenticator",
    "accounts:send-code": "acts",
    "reports:compare": "only of a report with two editions",
    "reports:file": "a file",
    "reports:issue": "acts",
    "reports:picture": "a picture",
    "reports:subscribe": "acts",
    "ui:guide-progress": "part of the style guide",
    "ui:job-cancel": "acts",
    "ui:job-progress": "part of a job's page",
    "ui:language": "acts",
    "ui:theme": "acts",
    "ui:view-delete": "acts",
    "ui:view-save": "acts",
}

SITES = ("gangmu.shell.urls", "gangmu.shell.office.urls")

# Pictures of README and the guides: file in docs/images → shot, language, width, mode.
PICTURES: dict[str, tuple[str, str, int, str]] = {
    "home-group": ("home-group-top", "zh", 1440, "light"),
    "home-group-en": ("home-group-top", "en", 1440, "dark"),
    "home-phone": ("home-group-top", "zh", 390, "light"),
    "inbox": ("inbox-region", "zh", 1440, "light"),
    "grid": ("grid", "zh", 1440, "light"),
    "approve-many": ("approve-many", "zh", 390, "light"),
    "explanation": ("home-group-explanation", "zh", 1440, "light"),
    "daily-report": ("daily-report-top", "zh", 1440, "light"),
}


def addresses() -> Iterator[str]:
    """The full name of every address of both sites, those of the API left out (they are no pages)."""
    from django.urls import URLPattern, URLResolver, get_resolver

    def walk(resolver: URLResolver, namespaces: tuple[str, ...]) -> Iterator[str]:
        for entry in resolver.url_patterns:
            if isinstance(entry, URLResolver):
                if entry.namespace != "api":
                    yield from walk(entry, (*namespaces, entry.namespace) if entry.namespace else namespaces)
            elif isinstance(entry, URLPattern) and entry.name:
                yield ":".join((*namespaces, entry.name))

    for conf in SITES:
        yield from walk(get_resolver(conf), ())


def forgotten(known: Collection[str]) -> list[str]:
    """What is wrong with the lists above, in words: addresses that nobody shows, and lines about none."""
    shown = {shot.shows for shot in PAGES}
    faults = [
        f"{name}: no shot; add one to PAGES, or say in NOT_SHOWN why not"
        for name in sorted(set(known) - shown - set(NOT_SHOWN))
    ]
    faults += [f"{name}: there is no such address any more" for name in sorted((shown | set(NOT_SHOWN)) - set(known))]
    faults += [f"{name}: both in PAGES and in NOT_SHOWN" for name in sorted(shown & set(NOT_SHOWN))]
    files = [shot.file for shot in PAGES]
    faults += [f"{file}: two shots of this name" for file in sorted({one for one in files if files.count(one) > 1})]
    return faults + [f"{file}: no shot for the picture" for file, (shot, *_) in PICTURES.items() if shot not in files]
