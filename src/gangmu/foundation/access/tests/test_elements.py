"""What a role leaves out, and what is shown masked."""

import pytest
from django import forms
from django.core.exceptions import PermissionDenied
from django.http import QueryDict

from gangmu.foundation.access import fields, masks, permits
from gangmu.foundation.access.scope import Given, Scope


def scope(*roles: tuple[list[str], list[str]]) -> Scope:
    """A scope of roles: permissions, and elements left out."""
    given = tuple(
        Given(1, "branch", tuple(granted), f"r{n}", frozenset(hides)) for n, (granted, hides) in enumerate(roles)
    )
    anywhere = frozenset(one for granted, _hides in roles for one in granted)
    held = tuple((frozenset({1}), tuple(granted)) for granted, _hides in roles)
    return Scope(1, permissions=anywhere, _held=held, given=given)


@pytest.mark.req("M-7.2.10.2")
def test_an_element_is_left_out_when_every_role_that_grants_its_permission_leaves_it_out():
    code = "page:documents:add"
    clerk = (["documents:view,add"], [code])
    assert permits.may_press(scope(clerk), code) is False
    assert permits.is_open(scope(clerk), "documents:add") is False
    assert permits.may_press(scope(clerk, (["documents:add"], [])), code) is True
    assert permits.may_press(scope(clerk, (["figures:view"], [])), code) is False  # it does not grant the permission
    assert permits.may_press(scope((["documents:view"], [])), code) is False
    assert permits.is_open(scope(clerk), "documents:list") is True


def test_a_button_is_refused_where_its_form_goes_and_the_page_is_not():
    leaves_out = scope((["figures:*"], ["button:filing.submit"]))
    assert permits.is_open(leaves_out, "filing:submit", "POST") is False
    assert permits.is_open(leaves_out, "filing:submit", "GET") is True
    assert permits.is_open(leaves_out, "filing:edit", "POST") is True


@pytest.mark.req("M-5.8.1.3")
def test_phone_and_mail_are_masked_without_the_permission():
    plain, whole = scope((["accounts:view"], [])), scope((["accounts:view,contact"], []))
    assert fields.shown(plain, "accounts.phone", "13812341234") == "138****1234"
    assert fields.shown(whole, "accounts.phone", "13812341234") == "13812341234"
    assert fields.shown(whole, "accounts.phone", "13812341234", organisation_id=2) == "138****1234"  # held elsewhere
    assert fields.shown(plain, "accounts.email", "zhang@example.com") == "z***@example.com"
    assert fields.shown(scope((["accounts:*"], ["field:accounts.phone"])), "accounts.phone", "12345678") == "123*5678"
    assert (masks.phone(""), masks.phone("1234"), masks.mail("odd"), masks.whole("x")) == ("", "**34", "***", "***")


class ContactForm(forms.Form):
    name = forms.CharField()
    phone = forms.CharField(required=False)


def test_a_hidden_field_is_not_in_the_form_and_a_forged_one_is_refused():
    plain, whole = scope((["accounts:change"], [])), scope((["accounts:change,contact"], []))
    keys = {"phone": "accounts.phone"}
    form = ContactForm()
    fields.protect(form, plain, keys)
    assert list(form.fields) == ["name"]
    honest = ContactForm(QueryDict("name=a"))
    fields.protect(honest, plain, keys)
    assert honest.is_valid()
    with pytest.raises(PermissionDenied, match="phone"):
        fields.protect(ContactForm(QueryDict("name=a&phone=1")), plain, keys)
    open_form = ContactForm(QueryDict("name=a&phone=1"))
    fields.protect(open_form, whole, keys)
    assert open_form.is_valid() and open_form.cleaned_data["phone"] == "1"
