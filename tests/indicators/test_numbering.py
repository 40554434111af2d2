"""Numbering of a whole outline against a slow independent one, and the faults that stored trees can have."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.numbering import Place, Stored, faults, number

Outline = list[tuple[int, int | None]]


@st.composite
def outlines(draw: st.DrawFn) -> Outline:
    """Parents before children, not necessarily depth first; ids in no order."""
    size = draw(st.integers(1, 25))
    ids = draw(st.permutations(range(100, 100 + size)))
    return [(id_, ids[draw(st.integers(0, at - 1))] if at else None) for at, id_ in enumerate(ids)]


def _slow(outline: Outline) -> dict[int, Place]:
    """The definition itself: walk the tree on paper, counting at each step down and up."""
    places: dict[int, Place] = {}

    def walk(id_: int, lft: int, level: int) -> int:
        counter = lft + 1
        for child, parent in outline:
            if parent == id_:
                counter = walk(child, counter, level + 1) + 1
        places[id_] = Place(id_, lft, counter, level)
        return counter

    walk(outline[0][0], 1, 0)
    return places


def _stored(outline: Outline, tree_id: int = 7) -> list[Stored]:
    parents = dict(outline)
    return [Stored(p.id, parents[p.id], p.lft, p.rght, p.level, tree_id) for p in number(outline)]


@given(outlines())
def test_places_agree_with_a_walk_on_paper(outline: Outline) -> None:
    places = number(outline)
    assert [place.id for place in places] == [id_ for id_, _ in outline]
    assert {place.id: place for place in places} == _slow(outline)


@given(outlines())
def test_a_numbered_outline_has_no_faults(outline: Outline) -> None:
    assert faults(_stored(outline)) == []


@given(outlines(), st.data())
def test_any_changed_number_is_a_fault(outline: Outline, data: st.DataObject) -> None:
    rows = _stored(outline)
    at = data.draw(st.integers(0, len(rows) - 1))
    field = data.draw(st.sampled_from(["lft", "rght", "level"]))
    shift = data.draw(st.sampled_from([-3, -1, 1, 2]))
    rows[at] = replace(rows[at], **{field: getattr(rows[at], field) + shift})
    assert faults(rows)


@given(outlines(), st.data())
def test_any_other_parent_is_a_fault(outline: Outline, data: st.DataObject) -> None:
    rows = _stored(outline)
    at = data.draw(st.integers(0, len(rows) - 1))
    others = [row.id for row in rows if row.id not in {rows[at].parent, rows[at].id}] + [None]
    parent = data.draw(st.sampled_from(others))
    if parent != rows[at].parent:
        rows[at] = replace(rows[at], parent=parent)
        assert faults(rows)


def test_two_children_in_each_others_place_are_found_though_every_number_is_used_once() -> None:
    crossed = [Stored(1, None, 1, 6, 0, 1), Stored(2, 1, 2, 4, 1, 1), Stored(3, 1, 3, 5, 1, 1)]
    nested = [Stored(1, None, 1, 6, 0, 1), Stored(2, 1, 2, 5, 1, 1), Stored(3, 1, 3, 4, 1, 1)]
    assert [fault.code for fault in faults(crossed)] == ["crossing"]
    assert [fault.code for fault in faults(nested)] == ["wrong-nesting"]


def test_two_ledgers_in_one_tree_are_found() -> None:
    codes = {fault.code for fault in faults([Stored(1, None, 1, 2, 0, 5), Stored(2, None, 1, 2, 0, 5)])}
    assert {"second-root", "bound-twice"} <= codes


def test_a_child_in_another_ledgers_tree_is_found_and_named() -> None:
    (first, *_rest) = faults([Stored(1, None, 1, 2, 0, 5), Stored(2, 1, 1, 2, 1, 6)])
    assert (first.id, first.tree_id) == (2, 6)
    assert "tree 6, node 2" in first.message


@pytest.mark.parametrize(
    "outline", [[(1, None), (1, None)], [(1, None), (2, None)], [(2, 1), (1, None)], [(1, None), (2, 9)], [(1, 1)]]
)
def test_what_is_no_tree_is_refused(outline: Outline) -> None:
    with pytest.raises(ValueError, match="node"):
        number(outline)


def test_an_empty_outline_has_no_places() -> None:
    assert number([]) == []
    assert faults([]) == []


def test_numbering_takes_time_in_step_with_the_nodes() -> None:
    def cost(size: int) -> float:
        outline: Outline = [(1, None)] + [(id_, id_ // 2) for id_ in range(2, size)]
        best = 9.0
        for _ in range(3):
            start = time.process_time()
            number(outline)
            best = min(best, time.process_time() - start)
        return best

    assert cost(40_000) < cost(4_000) * 40
