"""`verify_round ROUND_ID`: a published round compared with what was sealed; exit 1 on any difference."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments import sealing
from assessments.models import Round


class Command(BaseCommand):
    """Changes nothing."""

    help = "核对已公布的考核轮次与公布时保存的结果"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("round_id", type=int)

    def handle(self, *_: Any, **options: Any) -> None:
        round_ = Round.objects.filter(pk=options["round_id"]).first()
        if round_ is None:
            raise CommandError(f"没有编号为 {options['round_id']} 的考核轮次")
        differences = sealing.verify(round_)
        for sentence in differences:
            self.stdout.write(sentence)
        if differences:
            raise CommandError(f"“{round_.name}”有 {len(differences)} 处不符")
        self.stdout.write(f"“{round_.name}”与公布时一致，校验值 {round_.seal}")
