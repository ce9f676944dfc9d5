"""The WSGI application that granian serves."""

import multiprocessing
import os

from django.core.wsgi import get_wsgi_application

from gangmu.foundation.settings.postgres.processes import die_with_parent, identify

granian = multiprocessing.parent_process()
if granian is not None:  # this is one of its workers: it must not outlive granian and go on serving its port
    die_with_parent()
    if os.getppid() != granian.pid:
        raise SystemExit("granian is gone")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gangmu.shell.settings")
os.environ.setdefault("GANGMU_SITE", "business")
application = get_wsgi_application()

if granian is not None and (server := identify(os.getppid())):
    from gangmu.foundation.boards import sharing
    from gangmu.foundation.settings.home import home

    sharing.share(home() / "run", server)
