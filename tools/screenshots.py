"""Pictures of every page: both languages, desk and phone, light and dark; and a list of what is wrong with them.

    python tools/screenshots.py                    all pages of a demonstration of its own, into screenshots/
    python tools/screenshots.py grid inbox         only shots whose names hold one of these words
    python tools/screenshots.py --join http://127.0.0.1:8000   a demonstration that runs already
    python tools/screenshots.py --pictures         also make the pictures of README and the guides, into docs/images/

It ends with 1 when it found something to mend. Without a browser it says so and ends with 0.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "screenshots"
HOME = ROOT / ".gangmu-screenshots"
PATIENCE = 600  # seconds for the first load of a demonstration on a busy machine


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", help="only shots whose names hold one of these")
    parser.add_argument("--join", metavar="URL", help="visit a demonstration that runs already")
    parser.add_argument("--pictures", action="store_true", help="make the pictures of docs/images too")
    parser.add_argument("--language", choices=["zh", "en"], action="append")
    parser.add_argument("--width", type=int, choices=[1440, 390], action="append")
    asked = parser.parse_args()
    os.environ.setdefault("GANGMU_HOME", str(HOME))
    os.environ["GANGMU_DEMONSTRATION"] = "1"

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gangmu.shell.settings")

    from gangmu.shell.testing.chromiums import BROWSERS, FLAGS, chromium_here

    executable = chromium_here()
    if executable is None:
        print(f"SKIPPED: no picture was taken, for none of {', '.join(BROWSERS)} is on PATH; install Chromium")
        return 0
    with nullcontext(joined(asked.join)) if asked.join else demonstration() as urls:
        faults = check_lists()
        if faults:
            print("\n".join(faults), file=sys.stderr)
            return 1
        return take(urls, asked, executable, FLAGS)


def check_lists() -> list[str]:
    """Every address has its shot; asked before anything is drawn."""
    import django

    django.setup()
    from screenshots_pages import addresses, forgotten

    return forgotten(set(addresses()))


def take(urls: dict[str, str], asked: argparse.Namespace, browser_path: str, flags: list[str]) -> int:
    """Visit, draw, and tell."""
    from playwright.sync_api import sync_playwright

    from gangmu.foundation.settings import clock
    from screenshots_pages import PAGES
    from screenshots_scenes import prepare
    from screenshots_sheets import contact_sheets, index, pictures
    from screenshots_visit import WIDTHS, Visitor, write_list

    chosen = [shot for shot in PAGES if not asked.words or any(word in shot.file for word in asked.words)]
    if not chosen:
        print(f"no shot is called like {' '.join(asked.words)}", file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    began = time.monotonic()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=flags)
        visitor = Visitor(browser, urls, FOLDER, str(clock.today() - timedelta(days=1)))
        prepare(visitor)
        for language in asked.language or ("zh", "en"):
            for width in asked.width or WIDTHS:
                for account in dict.fromkeys(shot.account for shot in chosen):
                    with visitor.as_account(account, language, width) as context:
                        for shot in (one for one in chosen if one.account == account and width in one.widths):
                            visitor.visit(context, shot, language, width)
                print(f"{language} {width}: {len(visitor.taken)} pictures, {len(visitor.faults)} faults", flush=True)
        index(FOLDER, PAGES)
        contact_sheets(browser, FOLDER, visitor.taken)
        if asked.pictures:
            pictures(browser, FOLDER, ROOT / "docs" / "images")
        browser.close()
    write_list(FOLDER, visitor.faults)
    for fault in visitor.faults:
        print(fault)
    seconds = time.monotonic() - began
    print(f"{len(visitor.taken)} pictures of {len(chosen)} pages in {seconds:.0f} s: {FOLDER}/index.html")
    print(f"{len(visitor.faults)} faults" if visitor.faults else "no faults")
    return 1 if visitor.faults else 0


def joined(address: str) -> dict[str, str]:
    """The sites of a demonstration that runs already; its back office has the next port."""
    host, _colon, port = address.rstrip("/").rpartition(":")
    return {"business": f"{host}:{port}", "office": f"{host}:{int(port) + 1}"}


@contextmanager
def demonstration() -> Iterator[dict[str, str]]:
    """A demonstration of its own on free ports, stopped afterwards; its home is kept for the next time."""
    ports = free_ports()
    urls = {site: f"http://127.0.0.1:{port}" for site, port in ports.items()}
    where = ["--port", str(ports["business"]), "--office-port", str(ports["office"])]
    command = [str(Path(sys.executable).parent / "gangmu"), "demo", *where]
    print(f"{' '.join(command[1:])} in {os.environ['GANGMU_HOME']}", flush=True)
    process = subprocess.Popen(command, start_new_session=True)
    try:
        for url in urls.values():
            wait_for(url, process)
        yield urls
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


def free_ports() -> dict[str, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return {"business": one.getsockname()[1], "office": other.getsockname()[1]}


def wait_for(url: str, process: subprocess.Popen) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"the demonstration ended with {process.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/sign-in/", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise SystemExit(f"no answer from {url} after {PATIENCE} s")


if __name__ == "__main__":
    sys.exit(main())
