"""`import_ledger FILE`: every ledger in a file, stored with its round where it holds scores; or only shown."""

import json
from argparse import ArgumentParser
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from assessments.models import Round
from assessments.rounds import from_scores
from indicators.importing import drafted, import_file, is_scored, unpack
from indicators.importing.receiving import ImportRefused, limits
from indicators.models import Ledger
from indicators.reading import Reading, Refused, read
from indicators.reading.drafts import LedgerDraft
from indicators.reading.guard import check
from indicators.reading.report import as_json
from units.models import Organisation
from units.offices import found

NAMELESS = "本机关"


@dataclass(frozen=True, slots=True)
class _Found:
    """What was read, and what it became."""

    reading: Reading
    stored: list[tuple[Ledger, Round | None]]


class Command(BaseCommand):
    """Reads, and unless told otherwise stores; a refused file ends with one line and nothing stored."""

    help = "读取台账文件并入库；文件里已有得分的，同时生成考核轮次"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--organisation", help="机关名称；只有一个机关时可以不写")
        parser.add_argument("--year", type=int, help="年度，代替文件里的")
        parser.add_argument("--dry-run", action="store_true", help="只读取，不入库")
        parser.add_argument("--json", action="store_true", help="输出 JSON")

    def handle(self, *_: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            content = _content(path)
            if options["dry_run"]:
                found_ = _Found(_dated(read(path.name, content, limits()), options["year"]), [])
            else:
                found_ = _store(path.name, content, options["organisation"], options["year"])
        except (Refused, ImportRefused) as refused:
            raise CommandError(f"{path.name}：{refused.message}") from None
        except OSError as error:
            raise CommandError(f"{path}：文件打不开（{error.strerror}）") from None
        if options["json"]:
            self.stdout.write(json.dumps(_object(found_), ensure_ascii=False, indent=1))
        else:
            self.stdout.write("\n".join(_lines(found_)))


def _content(path: Path) -> bytes:
    """The bytes, once the guard has let them pass: a bomb is never read whole."""
    with path.open("rb") as file:
        check(path.name, file, limits())
        return file.read()


@transaction.atomic
def _store(name: str, content: bytes, organisation_name: str | None, year: int | None) -> _Found:
    organisation = _organisation(organisation_name, name, content)
    ledgers = import_file(name, content, organisation=organisation, by=None, year=year)
    stored = [(ledger, from_scores(ledger, by=None) if _filled_in(ledger) else None) for ledger in ledgers]
    upload = ledgers[0].upload
    if upload is None or upload.reading is None:
        raise CommandError(f"{name}：没有保存读取结果")
    reading = unpack(upload.reading)
    return _Found(_dated(replace(reading, source=replace(reading.source, file=name)), year), stored)


def _filled_in(ledger: Ledger) -> bool:
    known = drafted(ledger)
    return known is not None and is_scored(known[0])


def _organisation(wanted: str | None, name: str, content: bytes) -> Organisation:
    """The organisation named, or the only one, or one founded under that name or the issuer's."""
    if wanted:
        return Organisation.objects.filter(name=wanted).first() or found(name=wanted)
    known = list(Organisation.objects.order_by("pk")[:2])
    if len(known) > 1:
        raise CommandError("系统里有多个机关，用 --organisation 写明导入到哪一个。")
    if known:
        return known[0]
    issuers = [draft.issuer for draft in read(name, content, limits()).ledgers if draft.issuer]
    return found(name=issuers[0] if issuers else NAMELESS)


def _dated(reading: Reading, year: int | None) -> Reading:
    if year is None:
        return reading
    return replace(reading, ledgers=tuple(replace(draft, year=year) for draft in reading.ledgers))


def _object(found_: _Found) -> dict[str, Any]:
    obj = as_json(found_.reading)
    if found_.stored:
        obj["stored"] = [{"ledger": ledger.pk, "round": round_ and round_.pk} for ledger, round_ in found_.stored]
    return obj


def _lines(found_: _Found) -> list[str]:
    lines: list[str] = []
    for draft in found_.reading.ledgers:
        lines += _about(draft)
    for ledger, round_ in found_.stored:
        lines.append(f"已入库：台账 {ledger.pk}" + (f"，考核轮次 {round_.pk}" if round_ else ""))
    return lines or ["没有读到台账"]


def _about(draft: LedgerDraft) -> list[str]:
    items = sum(node.is_item for node in draft.nodes)
    head = f"{draft.title}（{draft.sheet}）：{len(draft.nodes)} 个指标，{items} 个评估点，{len(draft.findings)} 个发现"
    return [head, *(f"  {one.cells} {one.message}" for one in draft.findings)]
