"""Second factors: each code once, within its time, of its owner alone, and secrets that the database does not tell."""

from datetime import timedelta

import pytest
from django.core import mail
from pyotp.totp import TOTP

from gangmu.foundation.accounts import captcha, lifecycle
from gangmu.foundation.accounts.factors import recovery, secrecy, sent, totp
from gangmu.foundation.accounts.models import Challenge, Outgoing, RecoveryCode, SignIn, Throttle, Totp, User
from gangmu.foundation.settings import clock
from gangmu.shell.testing.post import deliver

pytestmark = pytest.mark.django_db
START = "2026-11-20T08:00+08:00"


@pytest.fixture
def wang(db):
    return User.objects.create(username="wang", name="王敏", email="wang@example.org", phone="13800001234")


@pytest.fixture
def li(db):
    return User.objects.create(username="li", name="李强")


def enrolled(user: User) -> TOTP:
    generator = TOTP(totp.begin(user))
    assert totp.confirm(user, generator.at(clock.now()))
    return generator


@pytest.mark.req("M-5.8.1.1")
def test_a_code_counts_once_and_none_before_it_afterwards(wang):
    with clock.frozen(START) as start:
        generator = enrolled(wang)
        assert not totp.accept(wang, generator.at(start))  # used to confirm
    with clock.frozen(start + timedelta(seconds=60)) as later:
        code, before = generator.at(later), generator.at(later - timedelta(seconds=30))
        assert totp.accept(wang, code)
        assert not totp.accept(wang, code)
        assert not totp.accept(wang, before)


@pytest.mark.parametrize(("off", "good"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_telephone_may_be_half_a_minute_off(wang, off, good):
    with clock.frozen(START) as start:
        generator = enrolled(wang)
    with clock.frozen(start + timedelta(minutes=10)) as later:
        assert totp.accept(wang, generator.at(later + timedelta(seconds=off))) == good


@pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "12345\x00", "-12345", "1" * 5000])
def test_what_is_no_code_is_none(wang, li, code):
    with clock.frozen(START):
        enrolled(wang)
        assert not totp.accept(wang, code)
        assert not totp.accept(li, code)


def test_an_enrolment_that_was_not_confirmed_counts_for_nothing(wang):
    with clock.frozen(START) as start:
        generator = TOTP(totp.begin(wang))
        assert not totp.in_force(wang)
        assert not totp.accept(wang, generator.at(start))
        assert not totp.confirm(wang, "000000")


def test_the_secret_stands_encrypted_and_is_gone_when_removed(wang):
    with clock.frozen(START):
        generator = enrolled(wang)
        held = Totp.objects.get()
        assert generator.secret not in held.secret
        assert secrecy.opened(held.secret, totp.PURPOSE) == generator.secret
        Totp.objects.update(secret=held.secret[:-4] + "AAAA")
        assert not totp.accept(wang, generator.at(clock.now() + timedelta(seconds=30)))
        totp.remove(wang)
        assert not Totp.objects.exists()


@pytest.mark.req("M-5.8.1.1", "M-5.8.1.5")
def test_a_recovery_code_is_good_once_for_its_owner(wang, li):
    codes = recovery.renew(wang)
    recovery.renew(li)
    assert len(set(codes)) == 10
    assert not recovery.accept(li, codes[0])
    assert recovery.accept(wang, codes[0].upper().replace("-", " "))
    assert not recovery.accept(wang, codes[0])
    assert recovery.left(wang) == 9
    assert not RecoveryCode.objects.filter(digest__contains=codes[1].replace("-", "")).exists()
    again = recovery.renew(wang)
    assert not recovery.accept(wang, codes[1])
    assert recovery.accept(wang, again[1])


@pytest.mark.req("M-5.8.1.1", "M-5.8.1.5")
def test_a_code_sent_is_good_once_for_a_few_minutes(wang, li):
    with clock.frozen(START) as start:
        assert sent.send(wang, "mail")
        assert mail.outbox == []
        assert deliver() == 1
        assert deliver() == 0
        assert mail.outbox[-1].to == ["wang@example.org"]
        code = mail.outbox[-1].body.split("code for Gangmu is ")[1][:6]
        assert not sent.send(wang, "mail")  # not every second one
        assert len(mail.outbox) == 1
        assert code not in Challenge.objects.get().digest
        assert not sent.accept(li, code)
    with clock.frozen(start + timedelta(minutes=5)):
        assert not sent.accept(wang, code)
    with clock.frozen(start + timedelta(minutes=4)):
        assert sent.accept(wang, code)
        assert not sent.accept(wang, code)
    assert not Challenge.objects.exists()


def test_a_message_goes_by_the_sender_that_the_installation_names(wang, settings, tmp_path):
    assert sent.ways(wang) == {"mail": "w***@example.org"}
    settings.GANGMU_HOME = tmp_path
    settings.SMS_SENDER = "gangmu.foundation.accounts.factors.sent.FileSender"
    assert sent.ways(wang)["message"] == "138****34"
    assert sent.send(wang, "message")
    assert deliver() == 1
    number, text = (tmp_path / "logs" / "messages.txt").read_text("utf-8").strip().split("\t")
    assert number == "13800001234"
    assert sent.accept(wang, text.split("is ")[1][:6])


def test_a_picture_counts_for_one_try(monkeypatch):
    session: dict = {}
    monkeypatch.setattr(captcha.secrets, "choice", lambda given: "A" if given == captcha.LETTERS else given[0])
    with clock.frozen(START) as start:
        assert captcha.ask(session).startswith("data:image/png;base64,")
        assert "AAAAA" not in str(session)
        assert captcha.answered(session, " aaaaa ")
        assert not captcha.answered(session, "AAAAA")
        captcha.ask(session)
        assert not captcha.answered(session, "BBBBB")
        assert not captcha.answered(session, "AAAAA")
        captcha.ask(session)
    with clock.frozen(start + timedelta(minutes=5)):
        assert not captcha.answered(session, "AAAAA")


@pytest.mark.req("M-5.8.1.1")
def test_digits_are_heard_instead_of_letters_read():
    session: dict = {}
    with clock.frozen(START) as start:
        assert captcha.spoken(session) is None  # nothing is to be read
        captcha.ask(session)
        sound = captcha.spoken(session)
        assert sound is not None
        assert sound[:4] + sound[8:12] == b"RIFFWAVE"
        digits = captcha._digits(session[captcha.KEY])
        assert len(digits) == 6
        assert digits not in str(session)
        captcha.spoken(session)
        assert captcha._digits(session[captcha.KEY]) == digits  # heard again, the same
        assert captcha.answered(session, f" {digits[:3]} {digits[3:]} ")
        assert not captcha.answered(session, digits)  # it counts once
        captcha.ask(session)
        assert not captcha.answered(session, "")
        captcha.ask(session)
        for _ in range(captcha.MOST_HEARD):
            assert captcha.spoken(session)
        assert captcha.spoken(session) is None
    with clock.frozen(start + timedelta(minutes=5)):
        assert captcha.spoken(session) is None
        assert not captcha.answered(session, digits)


def test_a_mail_is_tried_again_and_not_sent_when_it_is_of_no_use(wang, monkeypatch):
    with clock.frozen(START) as start:
        sent.send(wang, "mail")
        [row] = Outgoing.objects.all()
        assert "code" not in row.content
        away = pytest.raises(OSError, match="away")
        monkeypatch.setattr(sent, "send_mail", _away)
        with away:
            sent.deliver(row.pk)
        assert Outgoing.objects.count() == 1
        monkeypatch.undo()
        User.objects.filter(pk=wang.pk).update(email="new@example.org")
        assert deliver() == 1
        assert mail.outbox[-1].to == ["new@example.org"]  # where the person is reached now
    with clock.frozen(start + timedelta(minutes=2)):
        sent.send(wang, "mail")
    with clock.frozen(start + timedelta(minutes=7)):
        assert deliver() == 0
        assert not Outgoing.objects.exists()
    assert len(mail.outbox) == 1


def _away(*_: object) -> None:
    raise OSError("away")


@pytest.mark.req("M-5.8.1.5")
def test_what_is_over_is_wiped(wang):
    with clock.frozen(START) as start:
        totp.begin(wang)
        sent.send(wang, "mail")
        Throttle.objects.create(key="account:x", last_at=start)
        SignIn.objects.create(user=wang, session_key="a", method="x", opened_at=start, seen_at=start)
        assert not any(vars(lifecycle.wipe()).values())
    with clock.frozen(start + timedelta(days=1)):
        wiped = lifecycle.wipe()
        assert (wiped.codes, wiped.enrolments, wiped.attempts) == (1, 1, 1)
        assert SignIn.objects.get().ended_at
        assert not any(vars(lifecycle.wipe()).values())
    with clock.frozen(start + timedelta(days=402)):
        assert lifecycle.wipe().sign_ins == 1


def test_accounts_that_nobody_uses_are_switched_off(wang, li):
    with clock.frozen(START) as start:
        User.objects.update(created_at=start, last_login=None)
        User.objects.filter(pk=li.pk).update(last_login=start + timedelta(days=10))
    with clock.frozen(start + timedelta(days=90)):
        assert lifecycle.dormant() == []
    with clock.frozen(start + timedelta(days=91)):
        assert lifecycle.disable_dormant() == [wang]
        assert lifecycle.disable_dormant() == []
    wang.refresh_from_db()
    assert not wang.is_active


def test_an_account_used_from_many_places_is_told_of(wang, li):
    with clock.frozen(START) as now:
        for number in range(5):
            for user, address in ((wang, f"192.0.2.{number}"), (li, "192.0.2.1")):
                key = f"{user.pk}-{number}"
                SignIn.objects.create(user=user, session_key=key, address=address, opened_at=now, seen_at=now)
        assert lifecycle.perhaps_shared() == [(wang, 5)]
