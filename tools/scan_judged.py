"""Findings of scanners that were looked at and are no faults, each with the reason. What is not here fails a scan.

Bandit's are counted: one more in a file is new, and has to be looked at.
"""

CONSTANT = "put together from constants and column lists of our own; values are parameters"
OUR_OWN_TEXT = "constant markup, or escaped just before"
GUARDED = "document types and entities are refused before, sizes are bounded"

# (file, bandit's number of the check): (how many, why)
BANDIT = {
    ("src/gangmu/figures/cube/check.py", "B608"): (2, "numbers of the catalogue are put in, nothing that a user sent"),
    ("src/gangmu/figures/cube/database.py", "B608"): (9, f"{CONSTANT}; of a few cells, numbers and dates of the log"),
    ("src/gangmu/figures/cube/migrations/0002_tree_stamp.py", "B608"): (1, CONSTANT),
    ("src/gangmu/figures/cube/migrations/0004_definition_stamp.py", "B608"): (1, CONSTANT),
    ("src/gangmu/figures/cube/services.py", "B608"): (2, "the names of two tables of the room"),
    ("src/gangmu/figures/cube/rebuilding.py", "B608"): (1, "ranges of block numbers, computed"),
    ("src/gangmu/figures/curves/loading.py", "B608"): (2, CONSTANT),
    ("src/gangmu/figures/filing/consistency.py", "B608"): (2, CONSTANT),
    ("src/gangmu/figures/filing/rules/history.py", "B608"): (1, CONSTANT),
    ("src/gangmu/foundation/access/install.py", "B608"): (2, "names of tables and columns from declarations in code"),
    ("src/gangmu/foundation/accounts/managing.py", "B608"): (1, "called with two constants of people/queries.py"),
    ("src/gangmu/foundation/accounts/managing.py", "B611"): (2, "the same, and a constant"),
    ("src/gangmu/foundation/records/chain.py", "B608"): (1, "transaction numbers that the chain itself computed"),
    ("src/gangmu/foundation/records/verify/tables.py", "B608"): (1, CONSTANT),
    ("src/gangmu/foundation/documents/workbooks/scanning.py", "B314"): (3, GUARDED),
    ("src/gangmu/foundation/records/export/check_export.py", "B314"): (
        2,
        "a program of the standard library alone, for an auditor's own file; expat ≥ 2.4.1 bounds entities",
    ),
    ("src/gangmu/figures/filing/views/cellwire.py", "B308"): (1, OUR_OWN_TEXT),
    ("src/gangmu/figures/filing/views/cellwire.py", "B703"): (1, OUR_OWN_TEXT),
    ("src/gangmu/foundation/boards/showing.py", "B703"): (
        1,
        "a tile that a template rendered before, from our own folder",
    ),
    ("src/gangmu/foundation/ui/icons.py", "B308"): (2, OUR_OWN_TEXT),
    ("src/gangmu/foundation/ui/icons.py", "B703"): (1, "drawings that are shipped"),
    ("src/gangmu/shell/figures/mathematics.py", "B308"): (2, OUR_OWN_TEXT),
    ("src/gangmu/figures/analysis/festival.py", "B506"): (1, "the loader is CSafeLoader or SafeLoader"),
    ("src/gangmu/foundation/periods/content.py", "B506"): (1, "the loader is CSafeLoader or SafeLoader"),
    ("src/gangmu/foundation/settings/shipped.py", "B506"): (1, "the loader is CSafeLoader or SafeLoader"),
    ("src/gangmu/foundation/settings/postgres/cluster.py", "B108"): (1, "owner and mode are checked before use"),
    ("src/gangmu/foundation/settings/postgres/configuration.py", "B108"): (
        1,
        "asks whether /dev/shm may be written to",
    ),
    ("src/gangmu/shell/cli/shell.py", "B102"): (1, "a Python prompt for the operator, on the command line alone"),
}

# (what wapiti says, method, path, a part of its words): why
WAPITI = {
    ("SQL Injection", "POST", "/sign-in/", "username"): (
        "it compares answers to a true and a false condition; each failure changes the answer by itself (a picture, a "
        "pause). The name is a parameter of one function: test_a_condition_in_SQL_signs_nobody_in"
    ),
}
