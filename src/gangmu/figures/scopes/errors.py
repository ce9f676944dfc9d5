"""Why a scope is not kept."""


class ScopeRefused(Exception):
    """Nothing was changed; the text says what is wrong and where."""
