"""`backup FILE`: database and evidence in one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from units import backup


class Command(BaseCommand):
    """A full disk or a wrong place ends with one line and no file."""

    help = "把数据库和佐证材料备份到一个文件"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *_: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            saved = backup.save(path)
        except OSError as error:
            raise CommandError(f"{path}：备份写不进去（{error.strerror}）") from None
        for name in saved.missing:
            self.stderr.write(f"磁盘上没有 {name}，备份里也没有它")
        self.stdout.write(f"已备份到 {path}：{saved.rows} 行，{saved.files} 个文件")
