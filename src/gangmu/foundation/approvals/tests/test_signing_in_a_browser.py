"""Signing an approval in Chromium: with the signing program of the computer, and without script by file."""

import threading

import pytest
from playwright.sync_api import expect

from gangmu.foundation.access.scope import acting_as
from gangmu.foundation.accounts.factors import certificates
from gangmu.foundation.approvals import services
from gangmu.foundation.approvals.models import Case, Signature
from gangmu.foundation.approvals.routes import load_routes
from gangmu.foundation.approvals.tests.conftest import node, route
from gangmu.foundation.approvals.tests.leaflets import KIND, leaflets_known
from gangmu.foundation.approvals.tests.signers import Authority
from gangmu.foundation.settings import clock
from gangmu.shell.cli.signing import Agent, read_key
from gangmu.shell.testing.browser import chromium, clicked, site, visit
from gangmu.shell.testing.worlds import make_user, make_world

__all__ = ["chromium", "site", "visit"]
pytestmark = pytest.mark.browser

NOW = "2026-11-20T07:30+08:00"
PASSWORD = "pkcs12 password"


@pytest.fixture(scope="module")
def world(site, tmp_path_factory):
    site.stands_at(NOW)
    with clock.frozen(NOW):
        folder = tmp_path_factory.mktemp("world")
        made = make_world(folder)
        authority = Authority()
        authority.trust()
        signer = authority.issue("王敏")
        certificates.bind(make_user("plantreviewer", "P1", "reviewer"), signer.certificate)
        load_routes([route("signed", node("plant", signature="required"))], "local")
        with leaflets_known() as leaflets:
            yield made, leaflets, signer, signer.p12(folder, PASSWORD)


def submitted(world, title) -> Case:
    made, leaflets, _signer, _file = world
    with clock.frozen(NOW), acting_as(made.clerk):
        number = leaflets.write(title, "P1", "1,234.5 MWh").id
        where = made.clerk.organisation_id
        return services.submit(KIND, number, route="signed", organisation=where, by=made.clerk, key=title)


@pytest.fixture
def agent(world, site, settings):
    """The reference program, asked by pages of this site alone."""
    made = Agent(0, site.url, read_key(world[3], PASSWORD), ask=False)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    settings.SIGNING_AGENT = f"http://127.0.0.1:{made.server_address[1]}"
    yield made
    made.shutdown()
    made.server_close()


def to_the_signing_page(page):
    assert page.get_by_role("button", name="Approve", exact=True).count() == 0
    clicked(page, lambda: page.get_by_role("link", name="Approve with a signature").click())
    page.fill("textarea[name=words]", "checked against the meter")
    clicked(page, lambda: page.get_by_role("button", name="Go on to sign").click())
    expect(page.locator("pre.signed-text")).to_contain_text("checked against the meter")


@pytest.mark.req("M-4.2.1")
def test_with_the_program_of_the_computer(visit, world, agent):
    case = submitted(world, "For one click")
    page = visit(f"/approvals/{case.pk}/", "plantreviewer")
    to_the_signing_page(page)
    clicked(page, lambda: page.get_by_role("button", name="Sign with the program on this computer").click())
    expect(page.get_by_text("The signature was verified and kept.")).to_be_visible()
    expect(page.get_by_text("signed with the certificate of CN=王敏")).to_be_visible()
    assert Case.objects.get(pk=case.pk).state == "approved"
    with page.expect_download() as download:
        page.get_by_role("link", name="Download to verify").click()
    assert download.value.suggested_filename == f"decision-{case.pk}-2.zip"


def test_by_file_without_script(visit, world, tmp_path):
    case = submitted(world, "By file")
    page = visit(f"/approvals/{case.pk}/", "plantreviewer", java_script_enabled=False)
    to_the_signing_page(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download decision.json").click()
    path = tmp_path / "decision.json"
    download.value.save_as(path)
    (tmp_path / "bad.p7s").write_bytes(world[2].sign(b"something else"))
    page.set_input_files("input[type=file]", tmp_path / "bad.p7s")
    clicked(page, lambda: page.get_by_role("button", name="Verify and decide").click())
    expect(page.get_by_role("alert")).to_contain_text("something else than this decision")
    (tmp_path / "good.p7s").write_bytes(world[2].sign(path.read_bytes()))
    page.set_input_files("input[type=file]", tmp_path / "good.p7s")
    clicked(page, lambda: page.get_by_role("button", name="Verify and decide").click())
    assert Signature.objects.get(case=case).signed_by_name == "plantreviewer"


def test_a_program_that_is_not_there_is_told_and_nothing_is_lost(visit, world, agent):
    case = submitted(world, "Not there")
    page = visit(f"/approvals/{case.pk}/", "plantreviewer")
    to_the_signing_page(page)
    agent.shutdown()
    agent.server_close()
    page.get_by_role("button", name="Sign with the program on this computer").click()
    expect(page.locator("[data-signing-said]")).to_contain_text("does not answer, or refused")
    assert not Signature.objects.filter(case=case).exists()
