"""A person at the business site: signs in, saves views of a list under a few names, signs out and in again.

The form's key goes with every copy of it; when the answer is lost the same form is sent again.
"""

import http.client
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

from crash.writers.common import Task, task

USERNAME = "crash.reader"
PASSWORD = "a long enough pass phrase 42"
PAGE = "crash.list"
NAMES = 7
EVERY_SIGN_IN = 40
TIMEOUT = 30.0


class Lost(Exception):
    """No answer, or one that promises nothing."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req, fp, code, msg, headers, newurl):
        return None


class Browser:
    """Cookies and forms, no redirects."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies = CookieJar()
        self._opener = urllib.request.build_opener(_NoRedirect, urllib.request.HTTPCookieProcessor(self.cookies))

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """GET, or POST a form with the token of the cookie: the status, and where it sends us.

        Raises:
            Lost: the server did not answer, or answered that it cannot.
        """
        data = None
        if form is not None:
            token = next((cookie.value or "" for cookie in self.cookies if cookie.name.endswith("_csrf")), "")
            data = urllib.parse.urlencode({**form, "csrfmiddlewaretoken": token}).encode()
        try:
            with self._opener.open(self.address + path, data, TIMEOUT) as answer:
                answer.read()
                return answer.status, answer.headers.get("Location", "")
        except urllib.error.HTTPError as refusal:
            refusal.close()
            if refusal.code >= 500:
                raise Lost(refusal.code) from refusal
            return refusal.code, refusal.headers.get("Location", "")
        except (OSError, http.client.HTTPException) as problem:
            raise Lost(problem) from problem


def key_of(writer: str, number: int) -> str:
    """The form's key."""
    return f"{writer}.{number:08d}"


def name_of(number: int) -> str:
    """The view that operation `number` saves."""
    return f"view {number % NAMES}"


def query_of(number: int) -> str:
    return f"q={number}"


def write(orders: Task) -> None:
    journal = orders.journal
    browser = Browser(orders.address)

    def insist(attempt):
        return orders.insist(attempt, (Lost,), lambda: None)

    def send_password() -> tuple[int, str]:
        journal.note("signing-in")
        return browser.ask("/sign-in/", {"username": USERNAME, "password": PASSWORD, "next": "/"})

    def sign_in() -> None:
        insist(lambda: browser.ask("/sign-in/"))
        answer = insist(send_password)
        if answer == (302, "/"):
            journal.note("signed-in")
        else:
            journal.note("fault", f"signing in was answered with {answer}")

    sign_in()
    number = journal.before.acknowledged
    while not orders.stopping:
        number += 1
        journal.note("sent", number)
        form = {
            "page": PAGE,
            "name": name_of(number),
            "query": query_of(number),
            "next": "/organisations/",
            "_key": key_of(orders.name, number),
        }
        answer = insist(lambda form=form: browser.ask("/ui/views/", form))
        if answer == (302, "/organisations/"):
            journal.note("acknowledged", number)
        else:
            journal.note("fault", f"form {number} was answered with {answer}")
            break
        page = insist(lambda: browser.ask("/organisations/"))  # where the messages of what was saved are shown
        if page[0] != 200:
            journal.note("fault", f"the page after form {number} was answered with {page}")
        if number % EVERY_SIGN_IN == 0:
            insist(lambda: browser.ask("/sign-out/", {}))
            sign_in()
        orders.think()


if __name__ == "__main__":
    write(task())
