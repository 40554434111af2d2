"""A plain repair is offered with its words, and done only when it was ticked."""

from decimal import Decimal
from pathlib import Path

from indicators.reading import read
from indicators.reading.drafts import LedgerDraft
from indicators.reading.repairs import applied, offered

FILES = Path(__file__).resolve().parents[3] / "fixtures" / "ledgers"


def draft(name: str) -> LedgerDraft:
    return read(name, (FILES / name).read_bytes()).ledgers[0]


def listed(ledger: LedgerDraft, name: str) -> Decimal | None:
    return next(node.listed for node in ledger.nodes if node.name == name)


def test_hebeis_two_parts_move_up_and_both_chapters_are_exact() -> None:
    hebei = draft("hebei-statistics-2018.xlsx")
    move = next(one for one in offered(hebei) if one.to is not None)
    assert move.words == "把“新媒体平台、政府公报”从“互联网+政务服务”移到“公开平台和载体建设”下"
    assert (listed(hebei, "公开平台和载体建设"), listed(hebei, "互联网+政务服务")) == (8, Decimal("12.5"))
    mended = applied(hebei, {move.key})
    assert (listed(mended, "公开平台和载体建设"), listed(mended, "互联网+政务服务")) == (10, Decimal("10.5"))
    wrong = {one.cells for one in mended.findings if one.code == "points-mismatch"}
    assert wrong == {one.cells for one in hebei.findings if one.code == "points-mismatch"} - {
        "考核指标!A25",
        "考核指标!A29",
    }
    assert "move-proposed" not in {one.code for one in mended.findings}
    assert [one.message for one in mended.findings if one.code == "repair-applied"] == [f"按确认的建议：{move.words}"]


def test_a_moved_part_keeps_its_place_in_the_document_and_all_below_it() -> None:
    hebei = draft("hebei-statistics-2018.xlsx")
    move = next(one for one in offered(hebei) if one.to is not None)
    mended = applied(hebei, {move.key})
    assert sorted(node.id for node in mended.nodes) == sorted(node.id for node in hebei.nodes)
    seen: set[int | None] = {None}
    for node in mended.nodes:
        assert node.parent in seen
        seen.add(node.id)
    children = [node.name for node in mended.nodes if node.parent == move.to]
    assert children[-2:] == ["新媒体平台", "政府公报"]


def test_items_without_points_share_what_is_left_exactly() -> None:
    langao = draft("langao-2023-breakdown.xlsx")
    shares = [one for one in offered(langao) if one.points]
    mended = applied(langao, {one.key for one in shares})
    tops = [(node.declared, node.listed) for node in mended.nodes if node.parent is None]
    assert [declared for declared, _ in tops] == [38, 14, 10, 25, 13]
    assert all(declared == sums for declared, sums in tops)
    assert mended.listed_total == 100


def test_nothing_is_repaired_unasked() -> None:
    hebei = draft("hebei-statistics-2018.xlsx")
    assert applied(hebei, ()) is hebei
    assert applied(hebei, {"move-999-999"}) is hebei


def test_numbers_that_fit_by_chance_move_nothing_that_belongs_where_it_stands() -> None:
    """Two of the three parts have the right sum; the third, of insurance, has it too and makes sense."""
    shandong = draft("shandong-hrss-2019-ledger.xlsx")
    (move,) = [one for one in offered(shandong) if one.to is not None]
    assert move.words == "把“是否主动曝光已查实的典型欺诈骗保案件信息”从“就业创业”移到“社会保险”下"
    mended = applied(shandong, {move.key})
    sums = {node.name: (node.declared, node.listed) for node in mended.nodes}
    assert sums["社会保险"] == (Decimal("1.5"), Decimal("1.5"))
    assert sums["就业创业"] == (Decimal("0.5"), Decimal("0.5"))
