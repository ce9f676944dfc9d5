"""What a password must be, how often it changes, and that hashes are nobody's to read."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, identify_hasher, make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import override_settings

from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.accounts import passwords, services
from gangmu.foundation.accounts.backend import PasswordBackend, speak_for
from gangmu.foundation.accounts.models import FLOORS, Credential, FormerPassword, Policy, User
from gangmu.foundation.parties.models import Organisation
from gangmu.foundation.settings import clock

pytestmark = pytest.mark.django_db
GOOD = "Tide!over9Kites"


@pytest.fixture
def person(db):
    place = Organisation.objects.create(code="HUANENG7", name_zh="甲电厂", name_en="Plant Alpha", kind="plant")
    user = User(username="wangmin", name="王敏", organisation=place, email="minnie@example.org")
    user.save()
    return user


@pytest.mark.req("M-5.8.1.1")
@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("Sh0rt!x", "short"),
        ("alllowercaseletters", "kinds"),
        ("lowerwithdigit73", "kinds"),
        ("Kite1234!over", "run"),
        ("Kite!dcbaOver9", "run"),
        ("Kite!qwerOver9", "run"),
        ("Kite!rewqOver9", "run"),
        ("Kite!1qazOver9", "run"),
        ("Kaaaate!over91", "run"),
        ("Ab!Ab!Ab!Ab!9x", "run"),
        ("Wangmin!Tide92", "known"),
        ("Tide!wangMIN92", "known"),
        ("王敏的Tide!over9", "known"),
        ("Tide!over9wm7", None),
        ("Huaneng7!Tide", "known"),
        ("甲电厂!Tide over9", "known"),
        ("Minnie!Tide92x", "known"),
        ("P@ssw0rd!!97", "weak"),
        ("Password!975", "weak"),
        ("Iloveyou!9752", "weak"),
        (GOOD, None),
        ("纲举目张 Tide 9", None),
    ],
)
def test_a_password_is_judged(person, password, why):
    codes = {fault.code for fault in passwords.faults(password, person)}
    assert (why in codes) if why else not codes


def test_a_password_of_many_letters_is_refused_before_it_is_worked_on(person):
    assert [fault.code for fault in passwords.faults("Aa1!" * 1000, person)] == ["long"]


@pytest.mark.req("M-5.8.1.1")
def test_the_last_passwords_do_not_come_back(person):
    words = [f"Tide!over{n}Kites" for n in "35792"]
    with clock.frozen("2026-01-01T08:00") as start:
        services._put_password(person, words[0], by_other=False)
    for number, word in enumerate(words[1:], 1):
        with clock.frozen(start + timedelta(days=2 * number)):
            services.change_password(person, word)
    with clock.frozen(start + timedelta(days=30)):
        for word in words:
            with pytest.raises(ValidationError, match="You have had this password"):
                services.change_password(person, word)
        services.change_password(person, "Tide!over8Kites")
    with clock.frozen(start + timedelta(days=40)):
        services.change_password(person, words[0])  # the sixth before
    assert FormerPassword.objects.count() == 6


@pytest.mark.req("M-5.8.1.1")
def test_a_password_expires_and_is_not_changed_twice_a_day(person):
    with clock.frozen("2026-01-01T08:00") as start:
        services._put_password(person, GOOD, by_other=False)
        with pytest.raises(ValidationError, match="less than 1 day"):
            services.change_password(person, "Tide!over8Kites")
    with clock.frozen(start + timedelta(days=89)):
        assert services.password_is_due(person) == ""
    with clock.frozen(start + timedelta(days=90)):
        assert services.password_is_due(person) == "expired"
        services.change_password(person, "Tide!over8Kites")
        assert services.password_is_due(person) == ""


def test_a_password_given_by_somebody_else_is_due_at_once_and_may_be_changed_at_once(person):
    services.give_password(person, GOOD)
    assert services.password_is_due(person) == "given"
    services.change_password(person, "Tide!over8Kites")
    assert services.password_is_due(person) == ""


@pytest.mark.req("M-5.8.1.1")
@pytest.mark.parametrize("rule", FLOORS)
def test_no_rule_can_be_undercut(rule):
    lowest, highest = FLOORS[rule]
    policy = Policy.of()
    assert lowest <= getattr(policy, rule) <= highest
    for value in (lowest - 1, highest + 1):
        with pytest.raises(IntegrityError), transaction.atomic():
            Policy.objects.filter(pk=policy.pk).update(**{rule: value})


def test_rules_hold_from_their_day_on(person):
    Policy.objects.create(valid_from="2026-12-01", min_length=16)
    with clock.frozen("2026-11-30T12:00"):
        assert passwords.faults(GOOD, person) == []
    with clock.frozen("2026-12-01T00:00"):
        assert [fault.code for fault in passwords.faults(GOOD, person)] == ["short"]


@override_settings(
    PASSWORD_HASHERS=[
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
)
def test_an_older_hash_is_replaced_when_its_owner_comes(person):
    old = make_password(GOOD, hasher="pbkdf2_sha256")
    Credential.objects.create(user=person, password=old, changed_at=clock.now())
    with acting_as(None):
        assert PasswordBackend().authenticate(None, username="wangmin", password=GOOD) == person
    hasher = identify_hasher(Credential.objects.get(user=person).password)
    assert isinstance(hasher, Argon2PasswordHasher)
    assert FormerPassword.objects.count() == 0


@pytest.mark.req("M-5.8.1.1", "M-5.8.1.5")
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT password FROM accounts_credential",
        "UPDATE accounts_credential SET password = 'x'",
        "SELECT * FROM accounts_formerpassword",
        "DELETE FROM accounts_throttle",
        "UPDATE accounts_throttle SET failures = 0",
        "UPDATE accounts_policy SET max_failures = 1",
        "UPDATE accounts_signin SET ended_at = NULL",
        "INSERT INTO accounts_signin (user_id) VALUES (1)",
        "UPDATE accounts_user SET username = 'admin'",
        "UPDATE accounts_user SET id = 1",
        "DELETE FROM accounts_user",
    ],
)
def test_what_proves_people_is_not_to_be_had_by_plain_sql(person, statement):
    services._put_password(person, GOOD, by_other=False)
    denied = pytest.raises(ProgrammingError, match="permission denied")
    with acting_as(person), denied, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_ones_own_account_is_not_ones_own_to_write(person):
    with acting_as(person), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET is_active = true, valid_to = NULL, email = 'x@x'")
        assert cursor.rowcount == 0


@pytest.mark.parametrize("by_other", ["true", "false"])
def test_nobody_sets_the_password_of_somebody_else(person, by_other):
    services._put_password(person, GOOD, by_other=False)
    other = User.objects.create(username="li", name="li", organisation=person.organisation)
    denied = pytest.raises(ProgrammingError, match="another user")
    with acting_as(other), denied, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT accounts_set_password(%s, 'x', now(), false, " + by_other + ")", [person.pk])


@pytest.mark.req("M-5.8.1.1")
def test_a_password_that_is_due_is_judged_by_the_place_although_nobody_has_signed_in_yet(person):
    services.give_password(person, GOOD)
    with acting_as(None):
        speak_for(person.pk)
        coming = User.objects.get(pk=person.pk)
        with pytest.raises(ValidationError, match="organisation"):
            services.change_password(coming, "Huaneng7!Tide")
        services.change_password(coming, "Tide!over8Kites")
    assert services.password_is_due(person) == ""
