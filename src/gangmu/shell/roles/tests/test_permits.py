"""Every permission that is asked for has a name in both languages; the shipped roles keep the powers apart."""

import ast
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
import yaml
from django.utils import translation

import gangmu
from gangmu.foundation.access import permissions, permits
from gangmu.foundation.ui import menu
from gangmu.shell.roles.permits import declare_menu
from gangmu.shell.roles.sites import page_at

SOURCE = Path(gangmu.__file__).parent
ASKING = {"may", "may_at", "needs", "require", "any_implies", "implies"}
A_PERMISSION = re.compile(r"[a-z_]+:[a-z_]+")


def asked_for() -> Iterator[tuple[str, str]]:
    """(where, permission) of every permission that a page's code asks for by its name."""
    for path in sorted(SOURCE.rglob("*.py")):
        if "tests" in path.parts or "testing" in path.parts:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                for argument in node.args if name in ASKING else ():
                    value = constants.get(argument.id) if isinstance(argument, ast.Name) else None
                    value = argument.value if isinstance(argument, ast.Constant) else value
                    if isinstance(value, str) and A_PERMISSION.fullmatch(value):
                        yield str(path.relative_to(SOURCE)), value


def test_every_permission_that_is_asked_for_is_declared():
    found = list(asked_for())
    assert len(found) > 20
    assert [one for one in found if one[1] not in permits.actions()] == []


def test_every_declaration_is_in_both_languages_and_belongs_to_an_action():
    declare_menu()
    texts = [one.label for one in [*permits.actions().values(), *permits.elements().values(), *permits.rooms()]]
    with translation.override("zh-hans"):
        assert [str(text) for text in texts if not re.search(r"[\u4e00-\u9fff]", str(text))] == []
    lost = [
        one.code for one in permits.elements().values() if one.permission and one.permission not in permits.actions()
    ]
    assert lost == []


def test_every_element_with_an_address_has_a_page():
    for one in permits.elements().values():
        if one.address:
            found = any(page_at(site, one.address) or _takes_parameters(site, one.address) for site in SITES)
            assert found, one.code


SITES = ("business", "office")


def _takes_parameters(site: str, name: str) -> bool:
    """Whether a site has an address of this name, whatever it takes."""
    from django.urls import get_resolver

    from gangmu.shell.sites import settings_at

    resolver = get_resolver(settings_at(site)["ROOT_URLCONF"])
    *namespaces, view = name.split(":")
    for namespace in namespaces:
        if namespace not in resolver.namespace_dict:
            return False
        _prefix, resolver = resolver.namespace_dict[namespace]
    return view in resolver.reverse_dict


@pytest.mark.req("M-5.8.1.2")
def test_the_shipped_administrators_hold_nothing_of_each_others_part():
    text = resources.files("gangmu.business.power.content").joinpath("roles.yaml").read_text("utf-8")
    roles = {entry["code"]: entry["permissions"] for entry in yaml.safe_load(text)}
    powers = {code: permissions.powers(granted) for code, granted in roles.items()}
    for code in ("system", "security", "audit"):
        assert powers.pop(f"{code}_administrator") == [code]
    assert {code: held for code, held in powers.items() if held} == {
        "branch_administrator": ["security"],
        "entitlement_reviewer": ["security"],
    }
    parts = {"system": "accounts:create", "security": "access:assign", "audit": "records:view"}
    for code in parts:
        granted = roles[f"{code}_administrator"]
        assert [part for part in parts if permissions.any_implies(granted, parts[part])] == [code]
        assert not any(permissions.any_implies(granted, f"figures:{act}") for act in ("file", "approve", "configure"))


def test_links_of_a_menu_stay_at_the_site(office):
    assert menu.own_address("/organisations/list/?kind=plant")
    for to in (
        "https://example.com/",
        "//example.com/",
        "/\\example.com",
        "/nowhere/",
        "organisations/",
        "javascript:1",
    ):
        assert not menu.own_address(to), to
