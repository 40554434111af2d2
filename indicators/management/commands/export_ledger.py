"""`export_ledger LEDGER_ID FILE`: a ledger in its own layout, as the file's suffix says."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from indicators import exporting
from indicators.models import Ledger


class Command(BaseCommand):
    """A wrong id, suffix or place ends with one line and no file."""

    help = "导出台账，版式与导入时一致；后缀决定格式：.xlsx、.docx、.csv"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ledger", type=int, help="台账编号")
        parser.add_argument("file", type=Path)

    def handle(self, *_: Any, **options: Any) -> None:
        path: Path = options["file"]
        suffix = path.suffix.lower().removeprefix(".")
        if suffix not in exporting.KINDS:
            raise CommandError(f"{path.name}：后缀应为 .xlsx、.docx 或 .csv")
        ledger = Ledger.objects.select_related("upload").filter(pk=options["ledger"]).first()
        if ledger is None:
            raise CommandError(f"没有编号为 {options['ledger']} 的台账")
        content = exporting.file(ledger, suffix)
        try:
            path.write_bytes(content)
        except OSError as error:
            raise CommandError(f"{path}：文件写不进去（{error.strerror}）") from None
        self.stdout.write(f"已导出“{ledger.title}”到 {path}")
