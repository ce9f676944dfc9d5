"""Decisions signed with the person's certificate: what counts, what does not, and that anybody can verify it later."""

import base64
import http.client
import io
import json
import shlex
import shutil
import subprocess
import threading
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from click import ClickException
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options
from django.db import DatabaseError, connection, transaction
from django.test import Client

from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.accounts.factors import certificates
from gangmu.foundation.approvals import queries, services
from gangmu.foundation.approvals.actions import Action
from gangmu.foundation.approvals.errors import ContentChanged, NeedsSignature, NotAllowed
from gangmu.foundation.approvals.models import Case, Decision, Signature, SigningRequest
from gangmu.foundation.approvals.routes import load_routes
from gangmu.foundation.approvals.signing import bundle, cms
from gangmu.foundation.approvals.signing.services import SignatureRefused, prepare, sign
from gangmu.foundation.approvals.tests.conftest import NOW, make_office, node, route
from gangmu.foundation.approvals.tests.papers import fresh_papers
from gangmu.foundation.approvals.tests.signers import Authority
from gangmu.foundation.records.models import Event
from gangmu.foundation.settings import clock
from gangmu.shell.cli.signing import Agent, read_key

SIGNED = route("signed", node("plant", signature="required"), node("region"))


@pytest.fixture
def desk(committed, tmp_path):
    """An office whose plant reviewer holds a certificate; the route's first node takes signed decisions alone."""
    with clock.frozen(NOW), fresh_papers() as papers:
        office = make_office(tmp_path, papers)
        load_routes([SIGNED], "local")
        office.authority = Authority()  # type: ignore[attr-defined]
        office.authority.trust()  # type: ignore[attr-defined]
        office.signer = office.authority.issue("王敏")  # type: ignore[attr-defined]
        certificates.bind(office.users["plant"], office.signer.certificate)  # type: ignore[attr-defined]
        yield office


def wanted(desk, case, by="plant", action=Action.APPROVE, **given) -> SigningRequest:
    user = desk.users[by]
    with acting_as(user):
        place = next((one.number for one in queries.places_of(case, user)), None)
        return prepare(case, action, by=user, given={"seen": desk.seen(case), "place": place, **given})


def signed(desk, request, signature=None, by="plant"):
    user = desk.users[by]
    signature = signature if signature is not None else desk.signer.sign(request.text.encode())
    with acting_as(user):
        return sign(request, signature, by=user)


def refused(desk, request, signature=None, by="plant") -> str:
    """The word of a refusal; nothing was decided, and it is in the record."""
    before = Decision.objects.count(), Signature.objects.count()
    count = Event.objects.filter(kind="approvals.signature-refused", refused=True).count()
    with pytest.raises(SignatureRefused) as caught:
        signed(desk, request, signature, by)
    assert (Decision.objects.count(), Signature.objects.count()) == before
    event = Event.objects.filter(kind="approvals.signature-refused", refused=True).latest("id")
    assert Event.objects.filter(kind="approvals.signature-refused", refused=True).count() == count + 1
    assert (event.data["why"], event.by) == (caught.value.why, desk.users[by])
    assert str(caught.value)
    return caught.value.why


@pytest.mark.req("M-4.2.1")
def test_a_node_that_wants_a_signature_passes_with_one_alone(desk):
    case = desk.submit(route="signed")
    with pytest.raises(NeedsSignature):
        desk.approve("plant", case)
    decision = signed(desk, wanted(desk, case, words="seen"))
    assert desk.fresh(case).step == 1
    kept = Signature.objects.get(decision=decision)
    told = json.loads(kept.text)
    assert told["content_sha256"] == decision.content_hash == desk.seen(case)
    assert (told["action"], told["node"], told["words"]) == ("approve", "plant", "seen")
    assert told["signer"] == {"name": "plant", "username": "plant"}
    assert Event.objects.filter(kind="approvals.signed", by=desk.users["plant"]).count() == 1
    desk.approve("region", case)
    assert desk.fresh(case).state == "approved"


def test_an_unsigned_decision_is_refused_by_the_database_too(desk):
    """Whoever forgets to ask, or writes SQL: the transaction does not end with one."""
    from gangmu.foundation.approvals.engine import Act
    from gangmu.foundation.approvals.services.performing import perform_one

    case = desk.submit(route="signed")
    user = desk.users["plant"]
    with pytest.raises(DatabaseError, match="without the signature"), acting_as(user):
        perform_one(case.pk, Act(Action.APPROVE, user.pk, None, desk.seen(case)), by=user, key="k", signed=True)
    assert desk.fresh(case).step == 0


def test_many_at_once_leaves_out_what_must_be_signed(desk):
    case, plain = desk.submit(route="signed"), desk.submit(number=2)
    user = desk.users["plant"]
    with acting_as(user):
        outcomes = services.approve_many([(case.pk, desk.seen(case)), (plain.pk, desk.seen(plain))], by=user, key="m")
    assert [type(one.error) for one in outcomes] == [NeedsSignature, type(None)]


def test_a_signature_may_be_given_where_none_is_wanted_and_returns_are_signed_too(desk):
    case = desk.submit()
    signed(desk, wanted(desk, case))
    assert desk.fresh(case).step == 1
    other = desk.submit(number=2)
    decision = signed(desk, wanted(desk, other, action=Action.RETURN, reason="unit 2 is missing", to="requester"))
    assert (decision.action, desk.fresh(other).state) == ("return", "returned")
    assert json.loads(Signature.objects.get(decision=decision).text)["reason"] == "unit 2 is missing"


@pytest.mark.parametrize("form", ["rsa", "sha384", "sha512", "pem", "base64", "text"])
def test_forms_of_a_signature_that_count(desk, form):
    case = desk.submit(route="signed")
    if form == "rsa":
        desk.signer = desk.authority.issue_rsa("王敏二")
        certificates.bind(desk.users["plant"], desk.signer.certificate)
    request = wanted(desk, case)
    content = request.text.encode()
    digest = {"sha384": hashes.SHA384(), "sha512": hashes.SHA512()}.get(form)
    der = desk.signer.sign(content, digest)
    lines = base64.encodebytes(der)
    given = {
        "pem": b"-----BEGIN PKCS7-----\n" + lines + b"-----END PKCS7-----\n",
        "base64": lines,
        "text": desk.signer.sign(content, None, PKCS7Options.NoCapabilities),
    }
    assert signed(desk, request, given.get(form, der)).action == "approve"


@pytest.mark.req("M-4.2.1")
def test_what_does_not_count(desk):
    case = desk.submit(route="signed")
    request = wanted(desk, case)
    content = request.text.encode()
    other_ca = Authority("Another CA")
    stranger = other_ca.issue("王敏")
    twin = desk.authority.issue("王敏")
    colleague = desk.authority.issue("李")
    certificates.bind(desk.users["region"], colleague.certificate)
    der = desk.signer.sign(content)
    flipped = bytearray(der)
    flipped[-5] ^= 1
    assert refused(desk, request, stranger.sign(content)) == "other-issuer"
    assert refused(desk, request, twin.sign(content)) == "unbound"
    assert refused(desk, request, colleague.sign(content)) == "of-another"
    assert refused(desk, request, desk.signer.sign(content + b" ")) == "other-content"
    assert refused(desk, request, desk.signer.sign(b"")) == "other-content"
    assert refused(desk, request, bytes(flipped)) in ("does-not-fit", "malformed")
    assert refused(desk, request, b"") == "malformed"
    assert refused(desk, request, b"\x30\x80" * 4000) == "malformed"
    assert refused(desk, request, b"\x30" + b"\x00" * 70_000) == "too-large"
    assert refused(desk, request, desk.signer.sign(content, None, PKCS7Options.NoAttributes)) == "no-attributes"
    assert refused(desk, request, desk.signer.sign(content, None, PKCS7Options.NoCerts)) == "no-certificate"
    for_keys = desk.authority.issue("王敏", usage={"key_encipherment"})
    certificates.bind(desk.users["plant"], for_keys.certificate)
    assert refused(desk, request, for_keys.sign(content)) == "not-for-signing"
    weak = desk.authority.issue_rsa("王敏", 1024)
    certificates.bind(desk.users["plant"], weak.certificate)
    assert refused(desk, request, weak.sign(content)) == "weak-key"
    assert signed(desk, request, der).action == "approve"


def test_a_certificate_that_has_expired_is_not_yet_valid_or_was_revoked(desk):
    case = desk.submit(route="signed")
    short = desk.authority.issue("王敏", ends=clock.now() + timedelta(minutes=10))
    certificates.bind(desk.users["plant"], short.certificate)
    request = wanted(desk, case)
    content = request.text.encode()
    with clock.advanced(timedelta(minutes=20)):
        assert refused(desk, request, short.sign(content)) == "expired"
    early = desk.authority.issue("王敏", begins=clock.now() + timedelta(hours=1))
    assert refused(desk, request, early.sign(content)) == "not-yet-valid"
    desk.authority.revoke(desk.signer.certificate)
    assert refused(desk, request) == "revoked"
    with clock.advanced(timedelta(days=8)):
        late = wanted(desk, case)
        assert refused(desk, late) == "revocation-list-stale"


def test_a_signature_counts_once_and_for_its_own_decision_alone(desk):
    first, second = desk.submit(route="signed"), desk.submit(number=2, route="signed")
    one, two = wanted(desk, first), wanted(desk, second)
    der = desk.signer.sign(one.text.encode())
    assert refused(desk, two, der) == "other-content"
    signed(desk, one, der)
    assert refused(desk, one, der) == "used"
    again = wanted(desk, second)
    assert refused(desk, again, desk.signer.sign(two.text.encode())) == "other-content"
    with clock.advanced(timedelta(minutes=31)):
        assert refused(desk, two) == "over"


def test_what_changed_meanwhile_is_not_signed(desk):
    case = desk.submit(route="signed")
    request = wanted(desk, case)
    desk.papers.texts[1] = "changed"
    with pytest.raises(ContentChanged):
        signed(desk, request)
    with pytest.raises(ContentChanged):
        wanted(desk, case, seen="0" * 64)
    assert desk.fresh(case).step == 0
    assert not Signature.objects.exists()


def test_nobody_prepares_what_they_may_not_do_nor_signs_for_another(desk):
    case = desk.submit(route="signed")
    for name in ("clerk", "region", "stranger"):
        with pytest.raises((NotAllowed, Case.DoesNotExist)):
            wanted(desk, case, by=name)
    request = wanted(desk, case)
    with pytest.raises(SigningRequest.DoesNotExist), acting_as(desk.users["region"]):
        sign(request, b"", by=desk.users["region"])


def test_signatures_are_only_added_and_fit_their_decision(desk):
    case = desk.submit(route="signed")
    decision = signed(desk, wanted(desk, case))
    statements = [
        "UPDATE approvals_signature SET cms = ''",
        "DELETE FROM approvals_signature",
        "UPDATE approvals_signingrequest SET text = 'x'",
        "UPDATE approvals_signingrequest SET used_at = NULL",
        "DELETE FROM approvals_signingrequest",
    ]
    for role in ("gangmu_web", "gangmu_system", "gangmu_owner"):
        for statement in statements:
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL ROLE {role}; SET LOCAL gangmu.user_id = '{decision.decided_by_id}'")
                cursor.execute(statement)
    plain = desk.submit(number=2)
    other = desk.approve("plant", plain)
    kept = Signature.objects.get()
    with pytest.raises(DatabaseError, match="something else"), acting_as(desk.users["plant"]):
        kept.pk, kept.decision, kept.case = None, other, plain
        kept.request = wanted(desk, desk.submit(number=3))
        kept.save(force_insert=True)


# Verified elsewhere ---


def unpacked(signature, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(bundle.pack(signature))) as archive:
        archive.extractall(folder)
    return folder


@pytest.mark.req("M-4.2.1")
@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command")
@pytest.mark.parametrize("lists", [False, True])
def test_the_documented_command_verifies_a_signed_decision_elsewhere(desk, tmp_path, lists):
    """Years later, when certificate and CA have long expired."""
    if lists:
        desk.authority.revoke()
    case = desk.submit(route="signed")
    decision = signed(desk, wanted(desk, case))
    folder = unpacked(decision.signature, tmp_path / "bundle")
    command = (folder / "VERIFY.txt").read_text().strip()
    assert ("-crl_check" in command) is lists
    document = Path(__file__).parents[5] / "docs" / "concepts" / "signatures.md"
    assert bundle.COMMAND.replace("{at}", "SECONDS") in document.read_text("utf-8")

    def run():
        return subprocess.run(shlex.split(command), cwd=folder, capture_output=True, text=True, check=False)

    done = run()
    assert done.returncode == 0, done.stderr
    assert (folder / "verified.json").read_text() == decision.signature.text
    assert "王敏" in (folder / "page.html").read_text("utf-8")
    text = (folder / "decision.json").read_text()
    (folder / "decision.json").write_text(text.replace("approve", "return"))
    assert run().returncode != 0


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command")
def test_a_signature_by_the_documented_openssl_command_counts(desk, tmp_path):
    case = desk.submit(route="signed")
    request = wanted(desk, case)
    (tmp_path / "decision.json").write_bytes(request.text.encode())
    desk.signer.pem(tmp_path)
    document = (Path(__file__).parents[5] / "docs" / "concepts" / "signatures.md").read_text("utf-8")
    command = next(line.strip() for line in document.splitlines() if line.strip().startswith("openssl cms -sign"))
    done = subprocess.run(
        shlex.split(command.replace("me.key", "me.pem")), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert signed(desk, request, (tmp_path / "decision.p7s").read_bytes()).action == "approve"


# Pages ---


def client(desk, name="plant") -> Client:
    one = Client(headers={"accept-language": "en"}, raise_request_exception=False)
    one.force_login(desk.users[name])
    return one


def test_the_way_by_file_on_the_pages(desk):
    case = desk.submit(route="signed")
    browser = client(desk)
    page = browser.get(f"/approvals/{case.pk}/").content.decode()
    assert "This node takes signed decisions alone" in page
    assert f"/approvals/{case.pk}/act" not in page and f'action="/approvals/{case.pk}/approve/' not in page
    place = desk.open_places(case)[0].number
    answer = browser.post(
        f"/approvals/{case.pk}/sign/approve/",
        {"seen": desk.seen(case), "place": place, "words": "=1+1 <b>", "next": "", "_key": "signing-key-1"},
    )
    assert answer.status_code == 302
    address = answer["Location"]
    shown = browser.get(address).content.decode()
    assert "=1+1 &lt;b&gt;" in shown
    text = browser.get(f"{address}decision.json").content
    bad = {"signature": io.BytesIO(b"nonsense"), "_key": "signing-key-2"}
    refusal = browser.post(address, bad)
    assert refusal.status_code == 422
    assert "no detached signature" in refusal.content.decode()
    good = {"given": base64.b64encode(desk.signer.sign(text)).decode(), "_key": "signing-key-3"}
    assert browser.post(address, good)["Location"] == f"/approvals/{case.pk}/"
    page = browser.get(f"/approvals/{case.pk}/").content.decode()
    assert "signed with the certificate of CN=王敏" in page
    kept = Signature.objects.get()
    taken = browser.get(f"/approvals/signatures/{kept.pk}/")
    assert zipfile.ZipFile(io.BytesIO(taken.content)).read("decision.json") == text
    assert Event.objects.filter(kind="approvals.bundle-exported").count() == 1
    assert client(desk, "other").get(f"/approvals/signatures/{kept.pk}/").status_code == 404
    assert client(desk, "region").get(address).status_code == 404


def test_hostile_bytes_are_no_signature(desk):
    """Any change of one byte of a good one, and any cut, is refused with a word of ours."""
    content = b'{"format":"gangmu-decision-1"}'
    der = desk.signer.sign(content)
    for at in range(0, len(der), 7):
        changed = bytearray(der)
        changed[at] ^= 0x55
        try:
            sound = cms.verify(bytes(changed), content)
        except cms.Unsound:
            continue
        assert sound.certificate == desk.signer.certificate or at  # what does not matter to the signature may change
        assert cms.verify(der, content)
    for end in range(0, len(der), 11):
        with pytest.raises(cms.Unsound):
            cms.verify(der[:end], content)


# The reference of a signing program ---


def test_the_agent_signs_decisions_for_its_site_and_nothing_else(desk, tmp_path):
    signer = desk.signer
    agent = Agent(0, "https://figures.example.com", read_key(signer.p12(tmp_path, "open"), "open"), ask=False)
    threading.Thread(target=agent.serve_forever, daemon=True).start()

    def ask(body: bytes, origin: str = "https://figures.example.com", path: str = "/sign"):
        line = http.client.HTTPConnection("127.0.0.1", agent.server_port)
        line.request("POST", path, body, {"Origin": origin})
        answer = line.getresponse()
        return answer.status, answer.read()

    try:
        content = wanted(desk, desk.submit(route="signed")).text.encode()
        status, said = ask(content)
        assert status == 200
        assert cms.verify(base64.b64decode(json.loads(said)["signature"]), content).certificate == signer.certificate
        assert ask(content, origin="https://other.example.com")[0] == 403
        assert ask(content, path="/other")[0] == 403
        assert ask(b"a contract")[0] == 400
        assert ask(b'{"format":"other"}')[0] == 400
        assert ask(b"")[0] == 403
    finally:
        agent.shutdown()
        agent.server_close()
    with pytest.raises(ClickException):
        read_key(tmp_path / "me.p12", "wrong")
