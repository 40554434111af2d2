"""`restore FILE [--force]`: database and evidence as a backup holds them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from units import backup


class Command(BaseCommand):
    """Everything or nothing; whatever is refused ends with one line."""

    help = "从备份恢复数据库和佐证材料；系统里已有数据时，加 --force 才会先清空再恢复"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="清空现有数据后恢复")

    def handle(self, *_: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            count = backup.restore(path, force=options["force"])
        except backup.NotEmpty:
            raise CommandError("系统里已有数据，没有恢复；确定要全部换成备份的内容，加上 --force") from None
        except backup.OtherVersion:
            raise CommandError("备份来自另一个版本的系统；先换到备份时的版本恢复，再升级") from None
        except backup.Damaged as damaged:
            raise CommandError(f"{path}：{damaged}，没有恢复") from None
        except OSError as error:
            raise CommandError(f"{path}：{error.strerror}") from None
        self.stdout.write(f"已从 {path} 恢复 {count} 行；所有人需要重新登录")
