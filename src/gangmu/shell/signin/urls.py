from django.urls import path

from .demonstration import sign_in_as
from .views import account, keys, password, providers, second

app_name = "accounts"
urlpatterns = [
    path("sign-in/", password.sign_in, name="sign-in"),
    path("sign-in/as/", sign_in_as, name="demonstration"),
    path("sign-in/sound/", password.sound, name="sound"),
    path("sign-in/second/", second.second, name="second"),
    path("sign-in/code/", second.send_code, name="send-code"),
    path("sign-in/enrol/", second.enrol, name="enrol"),
    path("sign-in/password/", second.due, name="due"),
    path("sign-in/passkey/", keys.passkey, name="passkey"),
    path("sign-in/passkey/question/", keys.passkey_question, name="passkey-question"),
    path("sign-in/certificate/", keys.certificate, name="certificate"),
    path("sign-in/with/<slug:code>/", providers.provider, name="provider"),
    path("sign-in/with/<slug:code>/back/", providers.provider_back, name="provider-back"),
    path("sign-out/", password.sign_out, name="sign-out"),
    path("account/", account.account, name="account"),
    path("account/prove/", account.prove, name="prove"),
    path("account/password/", account.password, name="password"),
    path("account/authenticator/", account.authenticator, name="authenticator"),
    path("account/recovery/", account.recovery_codes, name="recovery"),
    path("account/passkey/", account.new_passkey, name="new-passkey"),
    path("account/passkey/question/", account.new_passkey_question, name="new-passkey-question"),
    path("account/remove/", account.remove, name="remove"),
    path("account/certificate/", account.bind_certificate, name="bind-certificate"),
    path("account/sessions/end/", account.end_others, name="end-others"),
]
