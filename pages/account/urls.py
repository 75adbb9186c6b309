"""The addresses of the account pages, below /account/."""

from django.urls import path

from pages.account import addresses, own, views

app_name = "accounts"

urlpatterns = [
    path("sign-up", views.SignUp.as_view(), name="sign-up"),
    path("confirm", views.Confirm.as_view(), name="confirm"),
    path("confirm/new-code", views.ResendCode.as_view(), name="resend-code"),
    path("sign-in", views.SignIn.as_view(), name="sign-in"),
    path("sign-in/step", views.SignInStep.as_view(), name="sign-in-step"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("stop-seeing-as", views.stop_seeing_as, name="stop-seeing-as"),
    path("sign-out-everywhere", views.sign_out_everywhere, name="sign-out-everywhere"),
    path("forgotten-password", views.ForgotPassword.as_view(), name="forgot-password"),
    path("reset-password", views.ResetPassword.as_view(), name="reset-password"),
    path("profile", own.Profile.as_view(), name="profile"),
    path("addresses/add", addresses.AddAddress.as_view(), name="add-address"),
    path("addresses/<str:address_id>", addresses.ChangeAddress.as_view(), name="change-address"),
    path("addresses/<str:address_id>/remove", addresses.RemoveAddress.as_view(), name="remove-address"),
    path("addresses/<str:address_id>/suggest", addresses.SuggestAddress.as_view(), name="suggest-address"),
    path("password", own.ChangePassword.as_view(), name="change-password"),
    path("second-factor", own.PrepareSecondFactor.as_view(), name="second-factor"),
    path("second-factor/code", own.AddSecondFactor.as_view(), name="add-second-factor"),
    path("second-factor/remove", own.RemoveSecondFactor.as_view(), name="remove-second-factor"),
    path("export", own.export, name="export"),
    path("erase", own.Erase.as_view(), name="erase"),
]
