"""create_admin: the first account of an organisation, which is founded where it does not exist."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from units.accounts import AccountRefused, add_account
from units.models import Organisation, Role
from units.offices import found


class Command(BaseCommand):
    """Prints a random first password once; there is no default account and no default password."""

    help = "Make an administrator: create_admin USERNAME --organisation NAME"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--organisation", required=True, help="its name; founded where it does not exist")

    @transaction.atomic
    def handle(self, *_args: Any, username: str, organisation: str, **_options: Any) -> None:
        body = Organisation.objects.filter(name=organisation).first() or found(name=organisation)
        try:
            user, password = add_account(body, username, role=Role.ADMIN, by=None)
        except AccountRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"{body}：系统管理员 {user.username}，初始密码 {password}，"
            f"{settings.PASSWORD_FIRST_HOURS} 小时内有效，首次登录时修改。"
        )
