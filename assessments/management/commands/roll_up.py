"""`roll_up ROUND_ID`: the stored totals of a round, made again from its entries."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments import rollup
from assessments.models import Round


class Command(BaseCommand):
    """Repeatable; a round that is up to date stays as it is."""

    help = "按填报项重新汇总一个考核轮次"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("round_id", type=int)

    def handle(self, *_: Any, **options: Any) -> None:
        round_ = Round.objects.filter(pk=options["round_id"]).first()
        if round_ is None:
            raise CommandError(f"没有编号为 {options['round_id']} 的考核轮次")
        sheets = list(round_.sheets.values_list("pk", flat=True))
        rollup.roll_up(sheets)
        rollup.rank_round(round_)
        self.stdout.write(f"已汇总 {len(sheets)} 张评分表")
