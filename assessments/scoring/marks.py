"""The marks of one sheet, checked against the outline and sorted by what they mean for the sums."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from assessments.scoring.amounts import ten_thousandths
from assessments.scoring.outline import Outline

MarkState = Literal["scored", "not_applicable", "exempt"]


@dataclass(frozen=True, slots=True)
class Mark:
    """What one item got; an item nobody has marked is unscored and has no Mark.

    shared_with: the ids of all items a shared score covers (with or without the one it stands on).
    """

    state: MarkState
    score: Decimal | None = None
    shared_with: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A shared score by positions: the item it stands on, the node it counts at, the items it covers."""

    item: int
    place: int
    covers: tuple[int, ...]
    score: int  # ten-thousandths
    points: int  # ten-thousandths of all it covers


@dataclass(slots=True)
class Sheet:
    """The items of one sheet by position: every item is in exactly one of the five."""

    single: list[tuple[int, int]] = field(default_factory=list)  # position, ten-thousandths
    shared: list[Block] = field(default_factory=list)
    pending: list[int] = field(default_factory=list)
    not_applicable: list[int] = field(default_factory=list)
    exempt: list[int] = field(default_factory=list)

    def applicable(self) -> list[int]:
        """The positions of all items that apply, scored or not."""
        covered = [place for block in self.shared for place in block.covers]
        return [place for place, _ in self.single] + covered + self.pending


def read_sheet(outline: Outline, marks: Mapping[int, Mark]) -> Sheet:
    """The marks sorted, in the outline's order whatever theirs.

    Raises ValueError as `rollup.roll_up` says.
    """
    strangers = marks.keys() - outline.item_ids
    if strangers:
        raise ValueError(f"a mark on what is no item: {sorted(strangers)}")
    sheet = Sheet()
    covered = _covered(outline, marks)
    for place in outline.items:
        mark = marks.get(outline.ids[place])
        if mark is None:
            if place not in covered:
                sheet.pending.append(place)
        elif mark.shared_with:
            sheet.shared.append(_block(outline, place, mark))
        elif mark.state == "scored":
            sheet.single.append((place, _score(outline, place, mark, outline.points[place])))
        else:
            _set_aside(sheet, outline, place, mark)
    return sheet


def _covered(outline: Outline, marks: Mapping[int, Mark]) -> set[int]:
    """The positions under shared scores. None may be covered twice or have a mark beside the shared one."""
    covered: set[int] = set()
    for item, mark in marks.items():
        if not mark.shared_with:
            continue
        if mark.state != "scored":
            raise ValueError(f"item {item} is {mark.state} and shares a score")
        covers = {item, *mark.shared_with}
        if not covers <= outline.item_ids:
            raise ValueError(f"item {item} shares with what is no item: {sorted(covers - outline.item_ids)}")
        marked = [other for other in covers if other != item and other in marks]
        places = {outline.position[other] for other in covers}
        if marked or places & covered:
            raise ValueError(f"item {item} shares its score with items that have their own")
        covered |= places
    return covered


def _block(outline: Outline, place: int, mark: Mark) -> Block:
    covers = tuple(sorted({place, *(outline.position[other] for other in mark.shared_with)}))
    points = sum(outline.points[other] for other in covers)
    return Block(place, outline.meeting(covers), covers, _score(outline, place, mark, points), points)


def _score(outline: Outline, place: int, mark: Mark, most: int) -> int:
    if mark.score is None:
        raise ValueError(f"item {outline.ids[place]} is scored without a score")
    score = ten_thousandths(mark.score)
    if score > most:
        raise ValueError(f"item {outline.ids[place]} scores {mark.score}, more than its points")
    return score


def _set_aside(sheet: Sheet, outline: Outline, place: int, mark: Mark) -> None:
    if mark.score is not None:
        raise ValueError(f"item {outline.ids[place]} is {mark.state} and has a score")
    if mark.state == "not_applicable":
        sheet.not_applicable.append(place)
    elif mark.state == "exempt":
        sheet.exempt.append(place)
    else:
        raise ValueError(f"item {outline.ids[place]} has an unknown state: {mark.state}")
