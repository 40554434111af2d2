"""The words of every finding, in one place; decides nothing about when one is due."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from indicators.reading.drafts import Finding, Severity
from indicators.reading.report import plain

SHOWN = 24


def short(name: str) -> str:
    """A name as it fits into a sentence."""
    return name if len(name) <= SHOWN else f"{name[:SHOWN]}…"


def called(name: str) -> str:
    return f"“{short(name)}”" if name else "没有名称的评估点"


def _warn(code: str, cells: str, message: str, data: Mapping[str, Any], severity: Severity = "warning") -> Finding:
    return Finding(code, severity, cells, message, data)


def points_mismatch(name: str, place: str, declared: Decimal, listed: Decimal) -> Finding:
    message = (
        f"{called(name)}标注 {plain(declared)} 分，下级合计 {plain(listed)} 分，相差 {plain(abs(declared - listed))} 分"
    )
    return _warn("points-mismatch", place, message, {"declared": plain(declared), "listed": plain(listed)})


def points_missing(name: str, place: str, proposed: Decimal | None) -> Finding:
    if proposed is None:
        return _warn("points-missing", place, f"{called(name)}没有分值，需要补上", {"proposed": None})
    message = f"{called(name)}没有分值；按上级余下的分值平均，建议 {plain(proposed)} 分"
    return _warn("points-missing", place, message, {"proposed": plain(proposed)})


def points_conflict(name: str, place: str, first: Decimal, other: Decimal) -> Finding:
    message = (
        f"{called(name)}在两处标注的分值不同：先 {plain(first)} 分，后 {plain(other)} 分；已采用 {plain(first)} 分"
    )
    return _warn("points-conflict", place, message, {"kept": plain(first), "other": plain(other)})


def points_unreadable(place: str, text: str) -> Finding:
    return _warn("points-unreadable", place, f"分值不是数字：{short(text)}", {"text": text}, "error")


def points_shared(place: str, value: Decimal, rows: int) -> Finding:
    message = f"这个分值单元格（{plain(value)} 分）合并在 {rows} 行上，不知各行几分，未计入"
    return _warn("points-shared", place, message, {"points": plain(value)})


def points_from_scores(place: str, heading: str) -> Finding:
    message = f"没有分值列；“{short(heading)}”一列填的数按分值读取，需要核对"
    return _warn("points-from-scores", place, message, {"heading": heading})


def points_second_column(place: str, first: str, second: str, rows: int) -> Finding:
    message = f"有两列分值：按“{short(first)}”读取，“{short(second)}”的 {rows} 个不同分值作为附加信息保留，需要核对"
    return _warn("points-second-column", place, message, {"kept": first, "other": second, "rows": rows})


def points_negative(name: str, place: str, value: Decimal) -> Finding:
    message = f"{called(name)}的分值是负数（{plain(value)} 分），作为总分之外的扣分项，不计入合计"
    return _warn("points-negative", place, message, {"points": plain(value)})


def points_rounded(place: str, text: str, kept: Decimal) -> Finding:
    return _warn(
        "points-rounded", place, f"分值 {text} 多于四位小数，取 {plain(kept)}", {"text": text, "kept": plain(kept)}
    )


def blank_item(place: str, points: Decimal | None) -> Finding:
    worth = f"有 {plain(points)} 分但" if points is not None else ""
    return _warn(
        "blank-item",
        place,
        f"评估点{worth}没有名称，需要补上",
        {"points": None if points is None else plain(points)},
    )


def checkpoint_mismatch(name: str, place: str, declared: Decimal, parts: Decimal) -> Finding:
    message = f"{called(name)}满分 {plain(declared)} 分，各得分点合计 {plain(parts)} 分"
    return _warn("checkpoint-mismatch", place, message, {"declared": plain(declared), "checkpoints": plain(parts)})


def total_mismatch(place: str, what: str, one: Decimal, other_what: str, other: Decimal) -> Finding:
    message = f"{what} {plain(one)} 分，{other_what} {plain(other)} 分，相差 {plain(abs(one - other))} 分"
    return _warn("total-mismatch", place, message, {"first": plain(one), "second": plain(other)})


def move_proposed(place: str, names: Sequence[str], from_: str, to: str) -> Finding:
    said = "、".join(short(name) for name in names)
    message = f"建议把“{said}”从“{short(from_)}”移到“{short(to)}”下，两处的分值就都对得上；确认后才移动"
    return _warn("move-proposed", place, message, {"names": list(names), "from": from_, "to": to}, "info")


def placeholder(name: str, place: str) -> Finding:
    message = f"{called(name)}没有下级指标、内容和分值，像是留空的占位行，未导入；需要时补上后再上传"
    return _warn("placeholder-row", place, message, {"name": name})


def points_summed(name: str, place: str, parts: int, total: Decimal) -> Finding:
    message = f"{called(name)}的单元格对着 {parts} 行分值，按合计 {plain(total)} 分读取"
    return _warn("points-summed", place, message, {"parts": parts, "total": plain(total)}, "info")


def points_ranged(place: str, text: str, kept: Decimal) -> Finding:
    message = f"分值写成“{short(text)}”，按最高 {plain(kept)} 分读取，需要核对"
    return _warn("points-range", place, message, {"text": text, "kept": plain(kept)})


def graded(name: str, place: str, kept: Decimal) -> Finding:
    message = f"{called(name)}下的几行是得分档次，不是几个评估点；按最高 {plain(kept)} 分读取"
    return _warn("points-graded", place, message, {"kept": plain(kept)}, "info")


def points_weighted(place: str, level: int, total: Decimal | None) -> Finding:
    message = f"第 {level} 级标注的是权重：下级各按满分（100 或 1）计，折算为“权重 × 分值 ÷ 满分”"
    if total is not None:
        message += f"，折算后合计 {plain(total)} 分"
    data = {"level": level, "total": None if total is None else plain(total)}
    return _warn("points-weighted", place, message, data)


def points_per_unit(name: str, place: str, declared: Decimal, units: int, listed: Decimal) -> Finding:
    each = plain(declared)
    message = f"{called(name)}的 {each} 分是每个责任单位各 {each} 分（{units} 个单位，合计 {plain(listed)} 分）"
    data = {"declared": plain(declared), "units": units, "listed": plain(listed)}
    return _warn("points-per-unit", place, message, data, "info")


def number_gap(place: str, before: int, after: int) -> Finding:
    missing = list(range(before + 1, after))
    names = "、".join(map(str, missing[:10])) + ("…" if len(missing) > 10 else "")
    return _warn("number-gap", place, f"序号从 {before} 跳到 {after}，缺 {names}", {"missing": missing[:100]})


def number_repeated(place: str, number: int) -> Finding:
    return _warn("number-repeated", place, f"序号 {number} 出现了两次", {"number": number})


def score_exceeds(name: str, place: str, score: Decimal, points: Decimal) -> Finding:
    message = f"{called(name)}得分 {plain(score)} 超过分值 {plain(points)}"
    return _warn("score-exceeds-points", place, message, {"score": plain(score), "points": plain(points)}, "error")


def score_unreadable(place: str, text: str) -> Finding:
    return _warn("score-unreadable", place, f"得分不是数字：{short(text)}；按未评分处理", {"text": text})


def rule_exceeds(name: str, place: str, deduct: Decimal, points: Decimal) -> Finding:
    message = f"{called(name)}满分 {plain(points)} 分，细则一次就扣 {plain(deduct)} 分，超过满分"
    return _warn("rule-exceeds-points", place, message, {"deduct": plain(deduct), "points": plain(points)})


def rule_takes_all(name: str, place: str, deduct: Decimal) -> Finding:
    message = f"{called(name)}的细则扣一次就扣完 {plain(deduct)} 分"
    return _warn("rule-takes-all", place, message, {"deduct": plain(deduct)}, "info")


def inferred(code: str, place: str, what: str, value: str) -> Finding:
    message = f"{what}空白且未合并，按上一行填为“{short(value)}”，需要核对"
    return _warn(code, place, message, {"value": value})


def unknown_column(place: str, heading: str) -> Finding:
    message = f"不认识的列“{short(heading)}”，内容作为附加信息保留"
    return _warn("unknown-column", place, message, {"heading": heading}, "info")


def row_skipped(place: str, text: str) -> Finding:
    return _warn("row-skipped", place, f"这一行不是评估点，未导入：{short(text)}", {"text": text}, "info")


def corrected(place: str, sentence: str) -> Finding:
    """Something was read by a person's word and not by the reader's guess."""
    return _warn("correction-used", place, sentence, {}, "info")


def repaired(place: str, words: str) -> Finding:
    """A proposed repair was done because a person ticked it."""
    return _warn("repair-applied", place, f"按确认的建议：{words}", {}, "info")


def sheet_skipped(sheet: str) -> Finding:
    return _warn("sheet-skipped", sheet, f"工作表“{sheet}”中没有找到指标表头，未导入", {"sheet": sheet}, "info")


def too_deep(name: str, place: str) -> Finding:
    message = f"{called(name)}已是第五级，下面还有评估点；这些评估点改放在它的上一级之下"
    return _warn("too-deep", place, message, {"name": name})


def control_characters(places: Sequence[str]) -> Finding:
    message = f"有 {len(places)} 个单元格含看不见的控制字符，已去掉"
    return _warn("control-characters", places[0], message, {"cells": list(places[:50])}, "info")


def sheet_hidden(sheet: str) -> Finding:
    return _warn("sheet-hidden", sheet, f"工作表“{sheet}”是隐藏的，已照常读取；不该导入就取消选择", {"sheet": sheet})


def rows_hidden(place: str, rows: Sequence[int]) -> Finding:
    names = "、".join(map(str, rows[:10])) + ("…" if len(rows) > 10 else "")
    return _warn("rows-hidden", place, f"第 {names} 行是隐藏的，已照常读取，需要核对", {"rows": list(rows[:100])})


def columns_hidden(place: str, columns: Sequence[str]) -> Finding:
    message = f"{'、'.join(columns[:10])} 列是隐藏的，已照常读取，需要核对"
    return _warn("columns-hidden", place, message, {"columns": list(columns)})


def formula_unreckoned(places: Sequence[str]) -> Finding:
    message = f"有 {len(places)} 个公式没有存下计算结果，按空白读取；用 Excel 打开、保存后再上传"
    return _warn("formula-without-value", places[0], message, {"cells": list(places[:50])})


def personal(place: str, named: str) -> Finding:
    message = f"像是个人信息：{named}；公开台账前应删去或隐去"
    return _warn("personal-data", place, message, {"found": named})


def unit_missing(name: str, place: str) -> Finding:
    return _warn("unit-missing", place, f"{called(name)}没有写责任单位，需要补上", {"name": name})
