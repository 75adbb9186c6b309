"""`manage.py makemessages`: Django's, which finds the sentences of refusals, too."""

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """Texts marked with `sentence` are collected beside those marked with gettext's functions."""

    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=sentence"]  # noqa: RUF012
