"""Coming in by LDAP, against Debian's slapd: what opens, what is refused, and what a refusal leaves."""

from datetime import datetime, timedelta

import pytest
from django.test import Client, override_settings
from pyotp.totp import TOTP

from gangmu.foundation.accounts import services as accounts
from gangmu.foundation.accounts import throttle
from gangmu.foundation.accounts.directories import ldap, services
from gangmu.foundation.accounts.directories.models import Directory, Identity
from gangmu.foundation.accounts.directories.options import Ldap, read, secret_of
from gangmu.foundation.accounts.directories.tests.slapd import READER_PASSWORD, Slapd, slapd
from gangmu.foundation.accounts.factors import totp
from gangmu.foundation.accounts.models import Policy, SignIn, Throttle, User
from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock
from gangmu.shell.signin import tasks
from gangmu.shell.testing.browser import chromium, clicked, served
from gangmu.shell.testing.worlds import PASSWORD, let_in

__all__ = ["chromium", "slapd"]
RIGHT = "Tide!over9Kites"
REFUSED = "User name or password is wrong"


@pytest.fixture
def now(db):
    with clock.frozen("2026-11-20T08:00+08:00") as moment:
        yield moment


def directory(slapd: Slapd, *, site: str = "business", arrivals: str = "refuse", **options: str) -> Directory:
    return services.configure(
        "group",
        day=clock.today(),
        options=slapd.options(**options),
        secret=READER_PASSWORD,
        kind="ldap",
        name_zh="集团目录",
        name_en="Group directory",
        site=site,
        arrivals=arrivals,
    )


def entry_of(slapd: Slapd, login: str) -> ldap.Entry:
    options = read("ldap", slapd.options())
    assert isinstance(options, Ldap)
    with ldap.reached(options, READER_PASSWORD) as session:
        entry = session.find(login)
    assert entry is not None
    return entry


@pytest.fixture
def user(now, slapd):
    """Somebody whose account here has another name than in the directory, and a password besides."""
    user = User(username="w.min", name="王敏", created_at=now)
    user.set_password(PASSWORD)
    user.save()
    where, entry = directory(slapd), entry_of(slapd, "wangmin")
    services.bind(user, where, entry.subject, entry.login)
    return let_in(user)


@pytest.fixture
def browser():
    return Client(headers={"accept-language": "en"})


def post(client: Client, name: str = "wangmin", password: str = RIGHT, directory: str = "group", **more: str):
    return client.post("/sign-in/", {"username": name, "password": password, "directory": directory, **more})


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def reasons() -> list[str]:
    found = Event.objects.filter(kind="accounts.directory-refused", refused=True).order_by("-pk")
    return [one.data["why"] for one in found]


@pytest.mark.req("M-5.8.1.1")
def test_the_password_of_the_directory_opens_the_account_that_is_bound(browser, user):
    page = browser.get("/sign-in/").content.decode()
    assert "Group directory" in page
    assert "An account of this system" in page
    assert post(browser, next="/account/")["Location"] == "/account/"
    assert is_in(browser)
    assert SignIn.objects.get(user=user, ended_at=None).method == "ldap"
    assert "group: wangmin" in browser.get("/account/").content.decode()


def test_each_password_counts_where_it_is_one(browser, user):
    assert post(browser, password=PASSWORD).status_code == 422
    assert post(browser, name="w.min", directory="").status_code == 422
    assert not is_in(browser)
    throttle.forgive(throttle.account_key("w.min"), "127.0.0.1")
    assert post(browser, name="w.min", password=PASSWORD, directory="").status_code == 302


@pytest.mark.req("M-5.8.1.1")
def test_a_refusal_is_the_same_for_whoever_it_is_and_leaves_a_record(user, slapd):
    slapd.person("left", "离职", RIGHT, description="left")
    said = set()
    for name, password, why in [
        ("wangmin", "wrong", "password"),
        ("nobody", RIGHT, "unknown"),
        ("wang*", RIGHT, "unknown"),
        ("wangmin)(uid=*", RIGHT, "unknown"),
        ("left", RIGHT, "disabled"),
    ]:
        answer = post(Client(headers={"accept-language": "en"}), name, password)
        assert answer.status_code == 422
        assert REFUSED in answer.content.decode()
        said.add(answer.content.decode().count("alert"))
        assert reasons()[0] == why
    slapd.remove("left")
    assert len(said) == 1
    assert not Event.objects.filter(kind="accounts.directory-refused", data__icontains="nobody").exists()


def test_a_refusal_stands_although_the_request_breaks(user, monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("while the answer is made")

    before = len(reasons())
    monkeypatch.setattr("gangmu.shell.signin.views.password.show", broken)
    assert post(Client(raise_request_exception=False), password="wrong").status_code == 500
    assert len(reasons()) == before + 1
    assert Throttle.objects.filter(key__startswith="account:", failures=1).count() == 1


def fail_five_times(key: str, now: datetime, address: str = "192.0.2.7") -> None:
    for attempt in range(5):
        with clock.frozen(now + timedelta(minutes=attempt)):
            assert throttle.attempt(key, address) == 0


@pytest.mark.req("M-5.8.1.1")
def test_an_account_that_is_locked_here_is_locked_there_by_whatever_name(user, now):
    fail_five_times(throttle.account_key("w.min"), now)
    with clock.frozen(now + timedelta(minutes=6)):
        client = Client(headers={"accept-language": "en"})
        assert REFUSED in post(client).content.decode()
        assert reasons()[0] == "throttled"
        assert not is_in(client)
    with clock.frozen(now + timedelta(minutes=40)):
        assert post(client).status_code == 302


def test_five_failures_lock_a_name_of_the_directory_whether_it_exists_or_not(user, now):
    for name, address in (("wangmin", "192.0.2.7"), ("nobody", "192.0.2.8")):
        fail_five_times(services.typed_key(Directory.objects.get(), name), now, address)
        with clock.frozen(now + timedelta(minutes=6)):
            assert (
                "Too many attempts. Wait 28 minutes"
                in post(Client(headers={"accept-language": "en"}), name).content.decode()
            )


def test_unlocking_an_account_unlocks_its_name_in_the_directory(user, now):
    fail_five_times(services.typed_key(Directory.objects.get(), "wangmin"), now)
    accounts.unlock(user)
    assert not Throttle.objects.filter(key__startswith="directory:").exists()


def test_a_directory_that_is_down_says_so_of_whoever_asks(user, slapd):
    slapd.stop()
    try:
        answers = [post(Client(headers={"accept-language": "en"}), name) for name in ("wangmin", "nobody")]
    finally:
        slapd.start()
    for answer in answers:
        assert answer.status_code == 422
        assert "Group directory does not answer at present" in answer.content.decode()
    assert Event.objects.filter(kind="accounts.directory-away", refused=True, data__directory="group").exists()
    assert not Throttle.objects.filter(failures__gt=0).exists()
    assert post(Client()).status_code == 302


def test_a_stranger_of_the_directory_is_told_so_and_gets_no_account(browser, user):
    answer = post(browser, "lihua", "Other!pass8word")
    assert "you have no account here" in answer.content.decode()
    assert reasons()[0] == "unbound"
    assert User.objects.count() == 1


def test_an_account_is_made_without_roles_where_the_configuration_says_so(browser, now, slapd):
    directory(slapd, arrivals="create")
    answer = post(browser, "lihua", "Other!pass8word")
    assert "An account was made for you" in answer.content.decode()
    made = User.objects.get(username="lihua")
    assert (made.name, made.email) == ("李华", "lihua@example.org")
    assert Event.objects.filter(kind="accounts.created", data__login="lihua").exists()
    assert REFUSED in post(browser, "lihua", "Other!pass8word").content.decode()  # no role of this site
    let_in(made)
    assert post(browser, "lihua", "Other!pass8word").status_code == 302
    assert is_in(browser)


def test_nobodys_account_is_taken_over_by_its_name(browser, now, slapd):
    mine = User(username="lihua", name="另一个李华", created_at=now)
    mine.save()
    let_in(mine)
    directory(slapd, arrivals="create")
    post(browser, "lihua", "Other!pass8word")
    assert reasons()[0] == "name-taken"
    directory(slapd, arrivals="bind")
    assert post(browser, "lihua", "Other!pass8word").status_code == 302
    assert Identity.objects.get(user=mine).directory == "group"
    assert Event.objects.filter(kind="accounts.identity-bound", data__login="lihua").exists()


def test_an_entry_with_another_name_stays_the_account_and_its_old_name_is_nobodys(browser, user, slapd):
    slapd.rename("wangmin", "wang.min")
    slapd.person("wangmin", "冒名", RIGHT)
    try:
        assert "you have no account here" in post(browser).content.decode()
        assert post(browser, "wang.min").status_code == 302
        assert is_in(browser)
    finally:
        slapd.remove("wangmin")
        slapd.rename("wang.min", "wangmin")


@pytest.mark.req("M-5.8.1.1")
def test_who_is_switched_off_in_the_directory_is_out_at_the_next_look(browser, user, slapd):
    post(browser)
    tasks.follow_directories.func(0)
    assert is_in(browser)
    slapd.modify("wangmin", description="left")
    try:
        tasks.follow_directories.func(0)
    finally:
        slapd.modify("wangmin", description="back")
    user.refresh_from_db()
    assert not user.is_active
    assert not is_in(browser)
    noted = Event.objects.get(kind="accounts.directory-disabled")
    assert (noted.data["why"], noted.subject) == ("disabled", f"accounts.user:{user.pk}")
    assert REFUSED in post(browser).content.decode()  # whoever comes back is switched on by a person
    assert reasons()[0] == "account"
    User.objects.update(is_active=True)
    assert post(browser).status_code == 302


def test_many_who_are_gone_at_once_are_a_fault_and_not_people_who_left(user, slapd):
    where = Directory.objects.get()
    people = [User.objects.create(username=f"p{number}", name="某人") for number in range(4)]
    for one in people:
        services.bind(one, where, f"00000000-0000-0000-0000-00000000000{one.pk % 10}", one.username)
    found = services.follow(where)
    assert (found.refused, found.disabled) == (4, [])
    tasks.tell(found)
    assert Event.objects.filter(kind="accounts.directory-doubted", data__gone=4).exists()
    services.unbind(people[0], "group")
    assert {why for _user, why in services.follow(where).disabled} == {"gone"}


def test_a_second_factor_is_asked_all_the_same(browser, user, now):
    with clock.advanced(-timedelta(minutes=5)):
        generator = TOTP(totp.begin(user))
        assert totp.confirm(user, generator.at(clock.now()))
    assert post(browser)["Location"] == "/sign-in/second/"
    assert not is_in(browser)
    browser.post("/sign-in/second/", {"code": generator.at(now)})
    assert is_in(browser)
    assert SignIn.objects.get(user=user, ended_at=None).method == "ldap+totp"


def test_who_must_have_a_second_factor_enrols_one(browser, user):
    Policy.objects.update(second_factor="everyone")
    assert post(browser)["Location"] == "/sign-in/enrol/"


def test_a_directory_is_of_its_site_and_of_its_days(browser, user, slapd):
    row = Directory.objects.get()
    Directory.objects.update(site="office")
    assert "Group directory" not in browser.get("/sign-in/").content.decode()
    assert post(browser).status_code == 422
    Directory.objects.update(site="both")
    services.end(row, clock.today() + timedelta(days=1))
    assert post(browser).status_code == 302
    with clock.advanced(timedelta(days=1)):
        assert "Group directory" not in Client().get("/sign-in/").content.decode()
        assert post(Client()).status_code == 422


def test_who_has_no_password_here_proves_it_by_that_of_the_directory(browser, now, slapd):
    directory(slapd, arrivals="create")
    post(browser, "lihua", "Other!pass8word")
    let_in(User.objects.get(username="lihua"))
    post(browser, "lihua", "Other!pass8word")
    with clock.frozen(now + timedelta(minutes=11)):
        assert browser.get("/account/authenticator/")["Location"].startswith("/account/prove/")
        assert browser.post("/account/prove/", {"password": "wrong"}).status_code == 422
        done = browser.post("/account/prove/", {"password": "Other!pass8word", "next": "/account/authenticator/"})
        assert done["Location"] == "/account/authenticator/"


def test_the_secret_stands_encrypted_and_the_environment_comes_first(user, monkeypatch):
    row = Directory.objects.get()
    assert READER_PASSWORD not in row.secret
    assert secret_of(row) == READER_PASSWORD
    monkeypatch.setenv("GANGMU_DIRECTORY_SECRET_GROUP", "another")
    assert secret_of(row) == "another"
    assert not Event.objects.filter(data__icontains=READER_PASSWORD).exists()


@pytest.mark.browser
@pytest.mark.req("M-5.8.1.1")
def test_in_a_browser(slapd, chromium, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), served("ldap") as site, override_settings(DEMONSTRATION=False):
        user = let_in(User.objects.create(username="w.min", name="王敏"))
        services.bind(user, directory(slapd), entry_of(slapd, "wangmin").subject)
        context = chromium.new_context(base_url=site.url, locale="en-US")
        page = context.new_page()
        page.goto("/sign-in/?next=/account/")
        assert page.locator("select[name=directory]").input_value() == "group"  # the first is chosen
        for password, opens in (("wrong", False), (RIGHT, True)):
            page.fill("input[name=username]", "wangmin")
            page.fill("input[name=password]", password)
            clicked(page, lambda: page.get_by_role("button", name="Sign in", exact=True).click())
            assert (page.url == f"{site.url}/account/") is opens
        context.close()
    throttle.forget_all()
