"""What can be permitted, in words, of the rooms that are there. A room that comes later declares its own when it is
ready; a test holds every permission that a page asks for against these declarations."""

from django.utils.translation import gettext_lazy as _

from gangmu.foundation.access import masks, permits
from gangmu.foundation.access.permits import action, button, field, page, room


def declare() -> None:
    """Declare rooms, actions and elements."""
    _rooms()
    _business()
    _office()


def _rooms() -> None:
    room("parties", _("Organisations"), order=10)
    room("figures", _("Figures"), order=20)
    room("approvals", _("Approvals"), order=30)
    room("documents", _("Documents"), order=40)
    room("accounts", _("Accounts"), order=50)
    room("access", _("Roles and rights"), order=60)
    room("records", _("Records"), order=70)
    room("retention", _("Retention of records"), order=72)
    room("alarms", _("Alarms"), order=74)
    room("jobs", _("Long work"), order=80)


def _business() -> None:
    action("parties:view", _("See organisations, people and posts"))
    action("parties:export", _("Export lists of organisations"))
    action("parties:change", _("Make, rename, move, merge, split and close organisations"))
    page("organisations:tree", _("Organisation tree"), "parties:view")
    page("organisations:list", _("List of organisations"), "parties:view")
    page("organisations:detail", _("One organisation"), "parties:view")

    action("figures:view", _("See figures, forms, sheets and reports"))
    action("figures:export", _("Export figures and reports"))
    action("figures:file", _("File: fill in, import and submit sheets; log of units"))
    action("figures:approve", _("See what is to be approved of sheets"))
    action("figures:issue", _("Publish rankings and issue reports"))
    action("figures:lock", _("Lock sheets; close and reopen months"))
    action("figures:design", _("Design reports in Excel"))
    action("figures:load", _("Load facts from files"))
    action("figures:configure", _("Say who files for whom; indicators and forms"))
    page("figures:lookup", _("Look up figures"), "figures:view")
    page("figures:explain", _("How a figure comes about"), "figures:view")
    page("publications:mine", _("Published rankings"), "figures:view")
    page("reports:list", _("Editions of reports"), "figures:view")
    page("filing:day", _("Where filing stands"), "figures:view")
    page("filing:sheets", _("List of sheets"), "figures:view")
    page("power:events", _("Log of units"), "figures:view")
    page("reports:file", _("A report as a file"), "figures:export")
    page("designs:list", _("Reports designed in Excel"), "figures:view")
    page("designs:file", _("A designed report as a file"), "figures:export")
    page("designs:add", _("New designed report"), "figures:design")
    button("designs.issue", _("Issue a designed report"), "figures:issue", "designs:issue")
    button("designs.apply", _("Let a workbook apply"), "figures:design", "designs:apply")
    page("filing:edit", _("The grid of a sheet"), "figures:file")
    page("filing:many", _("Import of workbooks"), "figures:file")
    button("filing.submit", _("Submit a sheet"), "figures:file", "filing:submit")
    button("filing.recall", _("Take a sheet back"), "figures:file", "filing:recall")
    button("filing.correct", _("Ask for a correction"), "figures:file", "filing:correct")
    button("power.event-add", _("Note a start or stop"), "figures:file", "power:event-add")
    button("filing.remind", _("Remind who is late"), "figures:view", "filing:remind")
    button("filing.lock", _("Lock a sheet"), "figures:lock", "filing:lock")
    page("filing:months", _("Closed months"), "figures:view")
    button("filing.month-close", _("Close a month"), "figures:lock", "filing:month-close")
    button("filing.month-reopen", _("Reopen a month"), "figures:lock", "filing:month-reopen")
    page("publications:made", _("Publications of our figures"), "figures:issue")
    button("publications.add", _("Publish a ranking"), "figures:issue", "publications:add")
    button("publications.end", _("End a publication"), "figures:issue", "publications:end")
    button("reports.issue", _("Issue a report"), "figures:issue", "reports:issue")
    page("filing:forms", _("Forms"), "figures:view")
    page("formulas:list", _("Indicators and formulas"), "figures:view")
    button("formulas.make", _("Make an indicator"), "figures:configure", "formulas:make")
    button("formulas.change", _("Change an indicator"), "figures:configure", "formulas:change")
    page("scopes:list", _("Statistical scopes"), "figures:view")
    button("scopes.add", _("Define a statistical scope"), "figures:configure", "scopes:add")
    page("filing:duties", _("Who files for whom"), "figures:view")
    button("filing.duty-add", _("Let somebody file for others"), "figures:configure", "filing:duty-add")
    button("filing.duty-end", _("End filing for others"), "figures:configure", "filing:duty-end")

    action("approvals:view", _("See cases, routes and leave"))
    action("approvals:ask", _("Ask for approval"))
    action("approvals:decide", _("Approve, return, delegate and consult"))
    action("approvals:issue", _("Issue downward"))
    action("approvals:configure", _("Set leave for others; routes"))
    page("approvals:decisions", _("List of decisions"), "approvals:view")
    page("approvals:late", _("What waits too long"), "approvals:view")
    page("approvals:routes", _("Approval routes"), "approvals:view")
    button("approvals.remind-late", _("Remind everybody who is late"), "approvals:view", "approvals:remind-late")
    button("approvals.bulk", _("Approve many at once"), "approvals:decide", "approvals:bulk")

    action("documents:view", _("See and download documents"))
    action("documents:add", _("Add documents"))
    action("documents:remove", _("Remove documents"))
    page("documents:add", _("Add a document"), "documents:add")
    button("documents.remove", _("Remove a document"), "documents:remove", "documents:remove")


def _office() -> None:
    action("accounts:view", _("See accounts"))
    action("accounts:contact", _("See phone and mail whole"), _("Others see 138****1234."))
    action("accounts:create", _("Make accounts"))
    action("accounts:change", _("Change accounts, posts and how people are reached"))
    action("accounts:disable", _("Close, open and unlock accounts"))
    action("accounts:reset", _("Give passwords, remove factors"))
    action("accounts:import", _("Bring in people and posts from a file"))
    field("accounts.phone", _("Phone"), "accounts:contact", mask=masks.phone)
    field("accounts.email", _("E-mail"), "accounts:contact", mask=masks.mail)

    action("access:view", _("See roles and who holds them"))
    action(
        "access:grant", _("Give roles within one's own rights"), _("In the own branch, for as long as one's own last.")
    )
    action("access:assign", _("Give any role, but to oneself"), _("The security administrator's."))
    action("access:configure", _("Make and change roles and menus"), _("The security administrator's."))
    action("access:review", _("Review who holds what, and sign"))
    action("access:policy", _("Set the rules of passwords and sessions"), _("The security administrator's."))
    page("roles:list", _("Roles"), "access:view")
    page("roles:assignments", _("Assignments"), "access:view")
    page("roles:seen", _("What somebody sees"), "access:view")
    page("roles:reviews", _("Entitlement review"), "access:view")
    button("roles.give", _("Give a role"), "access:grant", "roles:give")
    button("roles.sign", _("Sign a review"), "access:review", "roles:sign")

    action("records:view", _("Read events and history"))
    action("records:export", _("Export events and history"))
    action("records:retain", _("Answer requests about keeping"))
    action("records:stream", _("Send records on to a receiver"))
    page("records:events", _("Events"), "records:view")
    page("records:history", _("History of rows"), "records:view")
    action("retention:ask", _("Ask for another time of keeping"))
    action("alarms:view", _("See alarms"))
    action("alarms:acknowledge", _("Acknowledge alarms"))
    action("alarms:configure", _("Set what raises an alarm"))
    action("jobs:view", _("See how long work stands"))


def declare_menu() -> None:
    """Every entry of the menu is an element; of the permission of its page where that is declared."""
    from gangmu.foundation.ui import menu

    for entry in menu.registered():
        at = permits.at(entry.url_name)
        permits.menu(entry.key, entry.label, at.permission if at else "")
