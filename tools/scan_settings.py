"""The product's settings without its rate limits, which would end a scan early. For tools/scan.py alone."""

from gangmu.shell.settings import *  # noqa: F403
from gangmu.shell.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "scan_kinds.Kinds"]
RATE_LIMITS = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
