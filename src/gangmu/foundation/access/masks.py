"""What is shown of a phone number or a mail address to who may not see it whole."""


def phone(value: str) -> str:
    """138****1234; of short numbers the last two digits."""
    if not value:
        return ""
    if len(value) < 8:
        return "*" * max(len(value) - 2, 1) + value[-2:]
    return value[:3] + "*" * (len(value) - 7) + value[-4:]


def mail(value: str) -> str:
    """z***@example.com."""
    name, at, host = value.partition("@")
    if not at:
        return "***" if value else ""
    return f"{name[:1]}***@{host}"


def whole(value: str) -> str:
    """Nothing of it."""
    return "***" if value else ""
