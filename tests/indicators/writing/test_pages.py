"""A ledger edited in any way goes out on its own sheet, and that sheet reads back as the edited tree."""

import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from indicators.reading import Limits, open_book, read, read_book
from indicators.reading.drafts import LedgerDraft, NodeDraft, ResponsibilityDraft
from indicators.reading.formats.grid import Grid
from indicators.writing import csv, docx, lay_out, says_the_same, xlsx
from indicators.writing.page import Page

FILES = Path(__file__).resolve().parents[3] / "fixtures" / "ledgers"
SHANDONG = "shandong-hrss-2019-ledger.xlsx"
COUNTY = "county-department-2022-selfcheck.xlsx"
HEBEI = "hebei-statistics-2018.xlsx"
LANGAO = "langao-2023-breakdown.docx"
PROSE = "shandong-hrss-2019-work-points.docx"

Edit = Callable[[random.Random, list[NodeDraft]], list[NodeDraft]]


@cache
def opened(name: str) -> tuple[LedgerDraft, Grid]:
    book = open_book(name, (FILES / name).read_bytes(), Limits())
    (draft,) = read_book(book).ledgers
    return draft, next(grid for grid in book.grids if grid.sheet == draft.sheet)


def laid_out(then: LedgerDraft, grid: Grid, nodes: list[NodeDraft]) -> tuple[LedgerDraft, Page]:
    now = replace(then, nodes=tuple(nodes))
    origins = {node.id: node.id for node in nodes if node.id <= len(then.nodes)}
    return now, lay_out(now, then, grid, None, origins)


def leaves(nodes: list[NodeDraft]) -> list[NodeDraft]:
    parents = {node.parent for node in nodes}
    return [node for node in nodes if node.id not in parents]


def swapped(nodes: list[NodeDraft], old: NodeDraft, new: NodeDraft) -> list[NodeDraft]:
    return [new if node.id == old.id else node for node in nodes]


def rename(chance: random.Random, nodes: list[NodeDraft]) -> list[NodeDraft]:
    one = chance.choice([node for node in nodes if node.name])
    return swapped(nodes, one, one._replace(name=f"改过的{one.name}"))


def repoint(chance: random.Random, nodes: list[NodeDraft]) -> list[NodeDraft]:
    one = chance.choice([node for node in nodes if node.declared is not None])
    return swapped(nodes, one, one._replace(declared=Decimal(chance.randint(1, 40)) / 4))


def reassign(chance: random.Random, nodes: list[NodeDraft]) -> list[NodeDraft]:
    one = chance.choice(leaves(nodes))
    roles = chance.choice([("lead",), ("lead", "support"), ("lead", "joint", "support"), ("lead", "lead")])
    duties = tuple(ResponsibilityDraft(f"第{at}处", role, "unit") for at, role in enumerate(roles, 1))
    return swapped(nodes, one, one._replace(responsibilities=duties))


def remove(chance: random.Random, nodes: list[NodeDraft]) -> list[NodeDraft]:
    """An item that is not the only one beside its kind, so that no parent becomes one."""
    many = [one for one in leaves(nodes) if sum(other.parent == one.parent for other in nodes) > 1]
    one = chance.choice(many)
    return [node for node in nodes if node.id != one.id]


def add(chance: random.Random, nodes: list[NodeDraft]) -> list[NodeDraft]:
    beside = chance.choice(leaves(nodes))
    number = max(node.id for node in nodes) + 1000
    declared = Decimal("0.5") if beside.declared is not None else None
    new = NodeDraft(
        number,
        beside.parent,
        beside.level,
        f"新增的第{number}项工作是否做到",
        declared,
        is_item=True,
        criteria="逐项查看，缺一项扣一半" if beside.criteria else None,
        methods=("网站采集",) if beside.methods else (),
        responsibilities=(ResponsibilityDraft("办公室", "lead", "unit"),),
    )
    at = nodes.index(beside) + chance.randint(0, 1)
    return [*nodes[:at], new, *nodes[at:]]


def move(chance: random.Random, nodes: list[NodeDraft]) -> list[NodeDraft]:
    """An item, last under another parent of the same level."""
    movable = [one for one in leaves(nodes) if sum(other.parent == one.parent for other in nodes) > 1 and one.parent]
    one = chance.choice(movable)
    targets = {leaf.parent for leaf in leaves(nodes) if leaf.level == one.level} - {one.parent, None}
    if not targets:
        return nodes
    parent = chance.choice(sorted(target for target in targets if target))
    rest = [node for node in nodes if node.id != one.id]
    under = {parent}
    for node in rest:
        under |= {node.id} if node.parent in under else set()
    last = max(at for at, node in enumerate(rest) if node.parent in under)
    return [*rest[: last + 1], one._replace(parent=parent), *rest[last + 1 :]]


EDITS: list[Edit] = [rename, repoint, reassign, remove, add, move]


def left_alone(now: LedgerDraft) -> bool:
    """Whether a content row is the only one left below its node: on such a sheet it would be that node's criteria."""
    return any(sum(other.parent == one.parent for other in now.nodes) == 1 and len(one.name) > 30 for one in now.nodes)


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("name", [SHANDONG, COUNTY, HEBEI, LANGAO])
def test_an_edited_ledger_stays_on_its_own_sheet_and_reads_back_as_edited(name: str, edit: Edit) -> None:
    then, grid = opened(name)
    for seed in range(3):
        now, page = laid_out(then, grid, edit(random.Random(seed), list(then.nodes)))
        (back,) = read("x.xlsx", xlsx(page)).ledgers
        assert says_the_same(now, back), (seed, edit)
        assert page.own or left_alone(now), (seed, edit)


@pytest.mark.parametrize("name", [SHANDONG, COUNTY, HEBEI, LANGAO, PROSE])
def test_many_edits_at_once_read_back_as_edited(name: str) -> None:
    then, grid = opened(name)
    for seed in range(3):
        chance = random.Random(seed)
        nodes = list(then.nodes)
        for _ in range(12):
            nodes = chance.choice([one for one in EDITS if name not in {PROSE} or one is not repoint])(chance, nodes)
        now, page = laid_out(then, grid, nodes)
        (back,) = read("x.xlsx", xlsx(page)).ledgers
        assert says_the_same(now, back), seed


def test_an_edit_changes_its_own_cell_and_no_other() -> None:
    then, grid = opened(SHANDONG)
    item = next(node for node in then.nodes if node.is_item)
    now, page = laid_out(then, grid, swapped(list(then.nodes), item, item._replace(declared=Decimal("0.75"))))
    before = laid_out(then, grid, list(now.nodes) and list(then.nodes))[1]
    changed = [
        (row, column, text)
        for row, line in enumerate(page.rows)
        for column, text in enumerate(line)
        if text != before.rows[row][column]
    ]
    assert changed == [(3, 5, "0.75")]
    assert page.merged == before.merged


FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", '=HYPERLINK("http://x")', "＝1+1", "#N/A"]


@pytest.mark.parametrize("words", FORMULAS)
def test_what_looks_like_a_formula_goes_out_as_text(words: str) -> None:
    then, grid = opened(SHANDONG)
    item = next(node for node in then.nodes if node.is_item)
    _, page = laid_out(then, grid, swapped(list(then.nodes), item, item._replace(name=words)))
    sheet = load_workbook(BytesIO(xlsx(page))).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value == words]
    assert [cell.data_type for cell in cells] == ["s"]
    for line in csv(page).decode("utf-8-sig").splitlines():
        assert not any(cell.lstrip('" ').startswith(("=", "+", "@", "＝")) for cell in line.split(","))
    assert docx(page)
