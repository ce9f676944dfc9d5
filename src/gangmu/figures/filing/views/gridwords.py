"""The texts of the grid's island, in the reader's language. Names in braces are filled in by the island."""

from typing import Any

from django.utils.translation import gettext as _

from gangmu.foundation.periods.kinds import Kind


def words(kind: Kind) -> dict[str, Any]:
    """Every text by the name under which the island asks for it."""
    monthly = kind == Kind.MONTH
    return {
        "yesterday": _("Month before") if monthly else _("Day before"),
        "year-ago": _("Last year"),
        "idle": _("out of service"),
        "nothing": _("(blank)"),
        # the status line
        "line saved": _("Everything is saved"),
        "line unsaved": _("Not saved yet"),
        "line disputed": _("Saved, but for cells with two figures"),
        "line closed": _("The sheet has been submitted or locked meanwhile; it can only be read"),
        "line left": _("The sheet has been submitted or locked meanwhile: {n} cells of yours are not in it"),
        "line left 1": _("The sheet has been submitted or locked meanwhile: one cell of yours is not in it"),
        "line saving": _("Saving…"),
        "line offline": _("No line. {n} cells are kept on this device and sent when it is back"),
        "line offline 1": _("No line. One cell is kept on this device and sent when it is back"),
        "line signed-out": _("You are signed out. Sign in in another window: {n} cells wait here"),
        "line signed-out 1": _("You are signed out. Sign in in another window: one cell waits here"),
        "line refused": _("The server did not take the cells. They are kept here"),
        "filled": _("{n} of {total} filled"),
        "missing": _("{n} required missing"),
        "faults": _("{n} faults"),
        "faults 1": _("One fault"),
        "warnings": _("{n} warnings"),
        "warnings 1": _("One warning"),
        "conflicts": _("{n} cells with two figures"),
        "conflicts 1": _("One cell with two figures"),
        "offered": _("Take over {n} proposals"),
        "offered 1": _("Take over one proposal"),
        "totals": _("{count} figures · sum {sum} · mean {mean}"),
        # what is said after an act
        "pasted": _("Pasted {rows} × {columns} cells."),
        "rows cut": _("{n} rows lay beyond the edge and were cut off."),
        "rows cut 1": _("One row lay beyond the edge and was cut off."),
        "columns cut 1": _("One column lay beyond the edge and was cut off."),
        "columns cut": _("{n} columns lay beyond the edge and were cut off."),
        "locked": _("{n} cells cannot be changed and stayed as they are."),
        "locked 1": _("One cell cannot be changed and stayed as it is."),
        "accepted": _("{n} proposed values taken over."),
        "accepted 1": _("One proposed value taken over."),
        "nothing to undo": _("There is nothing to undo."),
        "nothing to redo": _("There is nothing to redo."),
        "never idle": _("These figures are filed also while the organisation stands still."),
        "nothing left": _("No cell needs a look: nothing is missing or wrong."),
        "save first": _("{n} cells are not saved yet. They are kept on this device; go on when the line is back."),
        "save first 1": _("One cell is not saved yet. It is kept on this device; go on when the line is back."),
        "decide first": _("{n} cells hold two figures. Choose one of each first."),
        "decide first 1": _("One cell holds two figures. Choose one of them first."),
        "remark failed": _("No answer from the server. Your words are still in the box: try again."),
        # the card at a cell
        "conflict": _("Two figures: yours {mine} ({typed}), {by} wrote {theirs} ({at}). Before that: {was}."),
        "keep mine": _("Keep mine: {value}"),
        "take theirs": _("Take theirs: {value}"),
        "round": _("Take {value}"),
        "explained": _("(explained)"),
        "to explain": _("If it is right, say why when you submit."),
        "proposed": _("{source}: {value}"),
        "proposed other": _("{source}: {value}. Yours differs by {difference}."),
        "accept": _("Take over {value}"),
        "news": _("{by} changed this at {at}."),
        "rounded": _("Rounded as shown; what was typed stays in the record."),
        "remarks": _("{n} comments"),
        "remarks 1": _("One comment"),
        "read remarks": _("Read and add"),
    }
