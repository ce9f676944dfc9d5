"""The product's settings without its rate limits, which would end a scan early. For tools/scan.py alone."""

from gangmu.shell.settings import *  # noqa: F403

RATE_LIMITS = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
