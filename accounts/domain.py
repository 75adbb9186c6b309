"""People: the roles that Cognito's groups give them, and how they are written to."""

from collections.abc import Container

from kernel.actors import Role
from kernel.errors import InvalidInputError
from kernel.values import dataclass
from kernel.wording.text import TextRule, clean_text, text_errors

# What a person is called: one line, which stands in lists, emails and files.
PERSON_NAME = TextRule(1, 100)
# A telephone number as people type it, with spaces, brackets and the like.
PHONE = TextRule(1, 40)

# Cognito group of each role, the strongest first: a person in several groups has the first role found.
ROLE_BY_GROUP = {
    "admins": Role.ADMIN,
    "support": Role.SUPPORT,
    "auditors": Role.AUDITOR,
    "providers": Role.PROVIDER,
    "customers": Role.CUSTOMER,
}
GROUP_BY_ROLE = {role: group for group, role in ROLE_BY_GROUP.items()}

# What people may sign up as; admins are made by admins.
SIGN_UP_ROLES = (Role.CUSTOMER, Role.PROVIDER)


def role_of_groups(groups: Container[str]) -> Role | None:
    """The role that these Cognito groups give; None if they give none."""
    return next((role for group, role in ROLE_BY_GROUP.items() if group in groups), None)


@dataclass(frozen=True, slots=True)
class Contact:
    """Where and how a person is written to; language (ISO 639-1) and time zone (IANA) are None until chosen."""

    user_id: str
    email: str
    name: str
    language: str | None
    time_zone: str | None
    # As E.164 writes it; None until given.
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class SavedAddress:
    """Where jobs are done for a person, and what they call it ("Home")."""

    address_id: str
    label: str
    address: str


ADDRESS_LABEL = TextRule(1, 40)
SAVED_ADDRESS = TextRule(5, 200)
MAX_SAVED_ADDRESSES = 10


def label_of(address: str) -> str:
    """What an address is called until the person says otherwise: what stands before its first comma."""
    text = clean_text(address)
    return (text.partition(",")[0].strip() or text)[: ADDRESS_LABEL.most].strip()


def checked_address(address_id: str, label: str, address: str) -> SavedAddress:
    """The address as it is kept. Raises `InvalidInputError` naming `label`, `address` or both."""
    saved = SavedAddress(address_id, clean_text(label), clean_text(address))
    errors = [*text_errors("label", saved.label, ADDRESS_LABEL), *text_errors("address", saved.address, SAVED_ADDRESS)]
    if errors:
        raise InvalidInputError(errors)
    return saved
