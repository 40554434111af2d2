"""reset_password: for whoever no administrator can help, such as the only administrator."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from units import second_factor
from units.accounts import AccountRefused, reset_password
from units.models import Membership


class Command(BaseCommand):
    """Prints a random first password once; the old one and its sessions end, and the audit has a line of it."""

    help = "Give an account a new first password: reset_password USERNAME [--second-factor]"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--second-factor", action="store_true", help="take its second factor away too")

    @transaction.atomic
    def handle(self, *_args: Any, username: str, **options: Any) -> None:
        rows = Membership.objects.select_related("organisation", "user")
        found = rows.filter(user__username=username).first()
        if found is None:
            raise CommandError(f"没有账号“{username}”。")
        try:
            if options["second_factor"]:
                second_factor.reset(found, by=None)
        except AccountRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        word = reset_password(found, by=None)
        hours = settings.PASSWORD_FIRST_HOURS
        self.stdout.write(f"{username}：新的初始密码 {word}，{hours} 小时内有效，首次登录时修改。")
