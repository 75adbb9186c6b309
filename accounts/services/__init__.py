"""Use cases about people: becoming one, showing who one is, and what one may change about oneself."""

from accounts.cognito import Challenge, SignInRefusedError
from accounts.services.access import (
    change_role,
    check_may_administer,
    disable_person,
    enable_person,
    sign_out_everywhere,
    sweep_departures,
)
from accounts.services.contact_details import (
    remember_address,
    remove_address,
    save_address,
    set_phone,
    suggest_address,
)
from accounts.services.passwords import change_password, request_password_reset, reset_password
from accounts.services.personal_data import erase_person, export_person, sweep_erasures
from accounts.services.presence import follow_account, follow_accounts
from accounts.services.profile import update_profile
from accounts.services.ready_accounts import ensure_account, sign_in_for_token
from accounts.services.reauthentication import reauthenticate
from accounts.services.second_factor import PendingApp, add_second_factor, prepare_second_factor, remove_second_factor
from accounts.services.sign_in import answer_challenge, sign_in
from accounts.services.sign_up import Newcomer, confirm_sign_up, resend_confirmation_code, sign_up

__all__ = [
    "Challenge",
    "Newcomer",
    "PendingApp",
    "SignInRefusedError",
    "add_second_factor",
    "answer_challenge",
    "change_password",
    "change_role",
    "check_may_administer",
    "confirm_sign_up",
    "disable_person",
    "enable_person",
    "ensure_account",
    "erase_person",
    "export_person",
    "follow_account",
    "follow_accounts",
    "prepare_second_factor",
    "reauthenticate",
    "remember_address",
    "remove_address",
    "remove_second_factor",
    "request_password_reset",
    "resend_confirmation_code",
    "reset_password",
    "save_address",
    "set_phone",
    "sign_in",
    "sign_in_for_token",
    "sign_out_everywhere",
    "sign_up",
    "suggest_address",
    "sweep_departures",
    "sweep_erasures",
    "update_profile",
]
