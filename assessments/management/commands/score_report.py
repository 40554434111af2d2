"""`score_report [ROUND_ID] --json`: a round's sheets with totals and entries, or the list of rounds."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.models import Round
from assessments.reports import round_list, score_report


class Command(BaseCommand):
    """Every number is an exact decimal string."""

    help = "输出考核轮次的得分；不写编号时列出全部轮次"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("round_id", type=int, nargs="?")
        parser.add_argument("--json", action="store_true", help="输出 JSON")

    def handle(self, *_: Any, **options: Any) -> None:
        if options["round_id"] is None:
            rounds = round_list()
            lines = [f"{one['id']}  {one['name']}（{one['phase']}）" for one in rounds]
            self.stdout.write(json.dumps(rounds, ensure_ascii=False) if options["json"] else "\n".join(lines))
            return
        round_ = Round.objects.filter(pk=options["round_id"]).first()
        if round_ is None:
            raise CommandError(f"没有编号为 {options['round_id']} 的考核轮次")
        report = score_report(round_)
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1))
            return
        for sheet in report["sheets"]:
            so_far = sheet["so_far"]
            words = f"总分 {sheet['total']}，已评 {so_far['earned']} / {so_far['possible']}"
            self.stdout.write(f"{sheet['rank'] or '-':>3}  {sheet['unit']}：{words}，等次 {sheet['band'] or '-'}")
