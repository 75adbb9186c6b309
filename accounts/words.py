"""What people are, in words."""

from django.utils.translation import gettext_lazy

from kernel.actors import Role

ROLE_NAMES = [
    (Role.CUSTOMER.value, gettext_lazy("Customer")),
    (Role.PROVIDER.value, gettext_lazy("Provider")),
    (Role.AUDITOR.value, gettext_lazy("Auditor")),
    (Role.SUPPORT.value, gettext_lazy("Support")),
    (Role.ADMIN.value, gettext_lazy("Administrator")),
]
