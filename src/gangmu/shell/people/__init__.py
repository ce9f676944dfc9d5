"""People: accounts, looked after by system administrators; the rules of signing in, set by security administrators."""
