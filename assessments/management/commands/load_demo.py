"""`load_demo`: the demo organisation, its accounts and rounds; running it twice changes nothing."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from assessments import demo
from units.models import Role


class Command(BaseCommand):
    """Prints the accounts and their password; with --accounts only the accounts."""

    help = "Makes the demo organisation; with --accounts lists its accounts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--accounts, --json."""
        parser.add_argument("--accounts", action="store_true", help="only list the accounts")
        parser.add_argument("--json", action="store_true", help="as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing, then say who can sign in."""
        if options["accounts"]:
            self._list(as_json=options["json"])
            return
        word = demo.password()
        made = demo.load(word)
        self.stdout.write("演示数据已建立。" if made else "演示数据已存在，没有改动。")
        self._list(as_json=options["json"])
        self.stdout.write(f"密码（全部演示账号）：{word}")

    def _list(self, *, as_json: bool) -> None:
        accounts = demo.accounts()
        if as_json:
            self.stdout.write(json.dumps([asdict(one) for one in accounts], ensure_ascii=False))
            return
        for one in accounts:
            self.stdout.write(f"  {one.username:<16}{Role(one.role).label}{'  ' + one.unit if one.unit else ''}")
