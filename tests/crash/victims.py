"""Whom to kill. Each kind finds its processes as they are at that moment, and says whether one can be killed now."""

from collections.abc import Callable
from random import Random

from crash.site import Site, children_of, command_line, wait_until
from gangmu.foundation.settings.postgres import locks
from gangmu.foundation.settings.postgres.processes import Process, identify, servers_in


def _run(site: Site) -> list[Process]:
    process = identify(site.run.pid) if site.run else None
    return [process] if process else []


def _child(site: Site, word: str) -> list[Process]:
    return [child for run in _run(site) for child in children_of(run.pid) if word in command_line(child)]


def _web_server(site: Site) -> list[Process]:
    """Of the business site, at which the person writes."""
    return _child(site, f"--port={site.port}")


def _web_workers(site: Site) -> list[Process]:
    return [worker for server in _web_server(site) for worker in children_of(server.pid)]


def _postmaster(site: Site) -> list[Process]:
    try:
        pid = int((site.cluster.data / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return []
    return [process for process in servers_in(site.cluster.data) if process.pid == pid]


def _backends(site: Site) -> list[Process]:
    """Of connections; the server's own helpers are not among them."""
    return [
        process
        for postmaster in _postmaster(site)
        for process in children_of(postmaster.pid)
        if command_line(process)[:1] and "gangmu_" in command_line(process)[0]
    ]


def _supervisor(site: Site) -> list[Process]:
    supervisor = locks.supervisor_of(locks.read_state(site.cluster.state_file))
    return [supervisor] if supervisor is not None and supervisor.alive() else []


def _writers(site: Site) -> list[Process]:
    return [process for writer in site.writers.values() if (process := identify(writer.pid))]


VICTIMS: dict[str, Callable[[Site], list[Process]]] = {
    "database server": _postmaster,
    "database connection": _backends,
    "database supervisor": _supervisor,
    "web server": _web_server,
    "web worker": _web_workers,
    "job worker": lambda site: _child(site, "worker"),
    "cube folder": lambda site: _child(site, "folder"),
    "writer": _writers,
    "gangmu run": _run,
    "everything": lambda site: [*_supervisor(site), *_postmaster(site), *_run(site), *_writers(site)],
}
ALL_AT_ONCE = {"everything"}
# What the contract names: always among the victims.
NAMED = [["web server", "web worker"], ["job worker"], ["database server", "database connection"]]


def plan(kills: int, random: Random) -> list[str]:
    """The kinds to kill, in order: web, worker and database for certain, the rest as it falls."""
    chosen = [random.choice(kinds) for kinds in NAMED]
    while len(chosen) < kills:
        chosen += random.sample(list(VICTIMS), min(len(VICTIMS), kills - len(chosen)))
    random.shuffle(chosen)
    return chosen


def kill(site: Site, kind: str, random: Random) -> None:
    """kill -9 one of a kind (or all of them), and see it and its children dead."""
    found = wait_until(lambda: VICTIMS[kind](site), f"there is a {kind} to kill", site.logs)
    doomed = found if kind in ALL_AT_ONCE else [random.choice(found)]
    orphans = [] if kind in ("database server", "writer") else [c for one in doomed for c in _descendants(one)]
    for process in doomed:
        process.kill()
    for process in doomed:
        wait_until(lambda process=process: not process.alive(), f"the killed {kind} is dead")
    if kind in ("gangmu run", "web server"):
        for process in orphans:
            wait_until(lambda process=process: not process.alive(), f"what the killed {kind} had started dies too")


def _descendants(process: Process) -> list[Process]:
    children = children_of(process.pid)
    return children + [one for child in children for one in _descendants(child)]
