"""Asking Debian's slapd: who somebody is, with which password, and over which line."""

import ssl

import pytest
from django.core.exceptions import ValidationError

from gangmu.foundation.accounts.directories import ldap
from gangmu.foundation.accounts.directories.options import Ldap, read
from gangmu.foundation.accounts.directories.tests.certificates import make_server_certificate
from gangmu.foundation.accounts.directories.tests.slapd import BASE, READER_PASSWORD, Slapd, slapd

__all__ = ["slapd"]
RIGHT = "Tide!over9Kites"


def asked(slapd: Slapd, **more: str) -> Ldap:
    options = read("ldap", slapd.options(**more))
    assert isinstance(options, Ldap)
    return options


@pytest.fixture
def session(slapd):
    with ldap.reached(asked(slapd), READER_PASSWORD) as one:
        yield one


def test_who_it_is_and_whether_the_password_is_right(session):
    entry = session.find("wangmin")
    assert (entry.login, entry.name, entry.mail, entry.disabled) == ("wangmin", "王敏", "wangmin@example.org", False)
    assert len(entry.subject) == 36
    assert session.proves(entry, RIGHT)
    assert not session.proves(entry, "wrong")
    assert not session.proves(None, RIGHT)


@pytest.mark.parametrize("password", ["", "\0", f"{RIGHT}\0"])
def test_no_password_is_no_proof_although_the_directory_takes_it_for_an_anonymous_bind(session, password):
    assert not session.proves(session.find("wangmin"), password)


@pytest.mark.parametrize(
    "name",
    [
        "*",
        "wang*",
        "wangmin)(uid=*",
        "*)(objectClass=*",
        "wangmin\0",
        "\\2a",
        "",
        "x" * 65,
        "wangmin))(|(uid=*",
        "w\nm",
    ],
)
def test_what_is_typed_is_a_name_and_never_a_filter(session, name):
    assert session.find(name) is None


def test_a_name_of_two_people_is_nobodys(slapd):
    both = asked(slapd, filter="(|(uid={name})(uid=lihua))")
    with ldap.reached(both, READER_PASSWORD) as session, pytest.raises(ldap.Ambiguous):
        session.find("wangmin")


def test_an_entry_is_known_by_its_id_whatever_it_is_called(slapd, session):
    slapd.person("before", "改名", "Some!pass8word")
    subject = session.find("before").subject
    slapd.rename("before", "after")
    assert session.find("before") is None
    assert session.of(subject).login == "after"
    slapd.remove("after")
    assert session.of(subject) is None


def test_who_is_switched_off_there_is_known_to_be(slapd, session):
    slapd.person("gone", "离职", "Some!pass8word", description="left")
    assert session.find("gone").disabled
    slapd.remove("gone")


def test_a_plain_line_is_made_secure_before_anything_is_said(slapd):
    with ldap.reached(asked(slapd, address=f"ldap://localhost:{slapd.port}"), READER_PASSWORD) as session:
        assert isinstance(session._connection.socket, ssl.SSLSocket)
        assert session._connection.socket.version() in ("TLSv1.2", "TLSv1.3")
        assert session.proves(session.find("wangmin"), RIGHT)


@pytest.mark.parametrize("scheme", ["ldaps", "ldap"])
def test_a_server_with_somebody_elses_certificate_hears_no_password(slapd, tmp_path, scheme):
    make_server_certificate(tmp_path)  # a CA that this server has nothing to do with
    port = slapd.secure_port if scheme == "ldaps" else slapd.port
    options = asked(slapd, address=f"{scheme}://localhost:{port}", ca=str(tmp_path / "ca.pem"))
    with pytest.raises(ldap.Away, match="certificate verify failed"):
        ldap.Session(options, READER_PASSWORD)


def test_a_certificate_of_another_host_is_not_good(slapd):
    options = asked(slapd, address=f"ldaps://127.0.0.1:{slapd.secure_port}")  # it is made for localhost
    with pytest.raises(ldap.Away, match="IP address mismatch"):
        ldap.Session(options, READER_PASSWORD)


def test_a_directory_that_is_down_is_away_and_the_next_is_asked(slapd):
    with pytest.raises(ldap.Away):
        ldap.Session(asked(slapd, address="ldaps://localhost:1"), READER_PASSWORD)
    both = f"ldaps://localhost:1, ldaps://localhost:{slapd.secure_port}"
    with ldap.reached(asked(slapd, address=both), READER_PASSWORD) as session:
        assert session.find("wangmin") is not None


def test_a_directory_that_refuses_the_product_is_away(slapd):
    with pytest.raises(ldap.Away, match="invalidCredentials"):
        ldap.Session(asked(slapd), "not the reader's")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"plain": "yes", "address": "ldap://directory.example.org"}, "without TLS"),
        ({"address": "http://directory.example.org"}, "no address"),
        ({"address": "ldaps://user@directory.example.org"}, "no address"),
        ({"filter": "(uid=wangmin)"}, "where {name}"),
        ({"filter": "(uid={name}"}, "no filter"),
        ({"ca": "/nowhere.pem"}, "is no file"),
        ({"base": ""}, "is missing"),
        ({"colour": "red"}, "no option"),
    ],
)
def test_what_would_let_somebody_listen_or_cannot_be_meant_is_refused(english, more, said):
    given = {"address": "ldaps://directory.example.org", "base": BASE, **more}
    with pytest.raises(ValidationError, match=said.replace("{", r"\{")):
        read("ldap", given)
