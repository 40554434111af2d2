"""One sheet of an upload as the import desk shows it: its grid, what was found in it, what a person said. No HTML."""

from collections.abc import Sequence
from dataclasses import dataclass

from indicators.importing.sheets import layouts
from indicators.listing.flaws import SEVERITIES, TONES
from indicators.models import Upload, UploadSheet
from indicators.reading import Layout, snapshot
from indicators.reading.corrections import ROLE_WORDS
from indicators.reading.drafts import Finding, LedgerDraft
from indicators.reading.formats.grid import Grid
from indicators.reading.repairs import Repair, offered
from indicators.reading.shown import ShownSheet, place_of, show

PER_PAGE = 400
WITHOUT_LEDGER: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Tab:
    """One sheet of the file, to be chosen from."""

    position: int
    name: str
    is_ledger: bool


@dataclass(frozen=True, slots=True)
class Spotted:
    """A finding with its cell. first: the row, from 0, that the page with this cell begins with; None for no cell."""

    number: int
    severity_word: str
    tone: str
    message: str
    cell: str
    first: int | None


@dataclass(frozen=True, slots=True)
class DeskSheet:
    """The sheet that is looked at. ledger: its place among the ledgers, None where it is none.

    recalled: the file whose corrections are followed here, empty for none. starts: first rows of all pages, from 0.
    """

    position: int
    name: str
    shown: ShownSheet
    layout: Layout
    ledger: int | None
    recalled: str
    whole: bool
    starts: tuple[int, ...]
    spotted: tuple[Spotted, ...]
    repairs: tuple[Repair, ...]

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """Tone, word and number of the findings of each severity there are."""
        found = [(TONES[key], word) for key, word in SEVERITIES.items()]
        return [(tone, word, count) for tone, word in found if (count := sum(one.tone == tone for one in self.spotted))]


def tabs(upload: Upload, drafts: Sequence[LedgerDraft]) -> list[Tab]:
    """The file's sheets without pages of prose beside them; one query."""
    ledgers = {draft.sheet for draft in drafts}
    kept = upload.sheets.order_by("position").values_list("position", "name", "prose")
    return [Tab(at, name, name in ledgers) for at, name, prose in kept if name in ledgers or not prose]


def sheet(upload: Upload, drafts: Sequence[LedgerDraft], position: int, first: int) -> DeskSheet | None:
    """One kept sheet from row `first` on; None where the upload has no such sheet. Two queries."""
    row = upload.sheets.filter(position=position).first()
    if row is None:
        return None
    grid = snapshot.from_json(row.cells)
    at = next((number for number, draft in enumerate(drafts) if draft.sheet == grid.sheet), None)
    draft = drafts[at] if at is not None else None
    findings = draft.findings if draft else WITHOUT_LEDGER
    starts = tuple(range(0, max(grid.height, 1), PER_PAGE))
    first = first if first in starts else 0
    return _sheet(upload, row, grid, at, draft, findings, starts, first)


def _sheet(
    upload: Upload,
    row: UploadSheet,
    grid: Grid,
    at: int | None,
    draft: LedgerDraft | None,
    findings: Sequence[Finding],
    starts: tuple[int, ...],
    first: int,
) -> DeskSheet:
    layout = layouts(upload).get(grid.sheet, Layout())
    learned = upload.organisation.layouts.filter(pk=upload.recalled.get(grid.sheet, 0)).first()
    return DeskSheet(
        position=row.position,
        name=row.name,
        shown=show(grid, layout, findings, first=first, most=PER_PAGE),
        layout=layout,
        ledger=at,
        recalled=learned.learned_from if learned else "",
        whole=row.whole,
        starts=starts,
        spotted=tuple(_spotted(number, one, grid) for number, one in enumerate(findings)),
        repairs=offered(draft) if draft else (),
    )


def _spotted(number: int, finding: Finding, grid: Grid) -> Spotted:
    place = place_of(finding)
    inside = place is not None and finding.cells.startswith(f"{grid.sheet}!") and place[1] <= grid.height
    return Spotted(
        number=number,
        severity_word=SEVERITIES.get(finding.severity, finding.severity),
        tone=TONES.get(finding.severity, "quiet"),
        message=finding.message,
        cell=place[0] if place and inside else "",
        first=(place[1] - 1) // PER_PAGE * PER_PAGE if place and inside else None,
    )


def role_options() -> list[tuple[str, str]]:
    """What a column can be said to be."""
    return list(ROLE_WORDS.items())
