"""A ledger's rows as HTML, for the page, the pieces sent later and the answers to an edit; decides nothing.

Python and no template: a page holds hundreds of rows of forty values each, and a template takes twenty times as long.
Every value goes through `escape`; only what this module writes itself, and the form it is given, stands as it is.
"""

from html import escape

from django.utils.safestring import SafeString

from indicators.listing import Chapter, Row, Sheet
from indicators.listing.sheet import Chip, LevelCell

# rows that a window shows; the words of cells with more stay in sight while they pass
WINDOW = 12
_INFERRED = ' class="inferred" title="本行未写评估方式，按上一行推定"'


class Rows:
    """The rows of one sheet. at: where addresses of indicators begin. query: keeps the view. saved: the row just saved.

    A sheet to edit names each cell: `data-f` its field, `data-v` its text where it shows another, `data-t` where the
    text stands.
    """

    def __init__(self, sheet: Sheet, *, at: str = "", query: str = "", saved: int = 0) -> None:
        self.sheet, self.frame, self.edits = sheet, sheet.frame, sheet.editing
        self.at, self.query, self.saved = escape(at), escape(query), saved

    def all(self) -> SafeString:
        """Every chapter."""
        return SafeString("".join(self.chapter(one) for one in self.sheet.chapters))

    def chapter(self, chapter: Chapter) -> str:
        """The rows of one level-1 indicator."""
        rows = "".join(self.row(row) for row in chapter.rows)
        return f'<tbody id="c{chapter.id}">\n{rows}</tbody>'

    def row(self, row: Row, form: str = "") -> SafeString:
        """One printed row. form: HTML that stands in the place of its own cells while it is edited."""
        head = '<th class="rowno" scope="row" draggable="true" title="点选整行，拖动移动"></th>' if self.edits else ""
        number = f'<td class="mid"{self._field("number")}>{escape(row.number)}</td>' if self.frame.number else ""
        levels = "".join(self.level(cell) for cell in row.levels)
        if form:
            own = f'<td class="editor" colspan="{self.sheet.beside(row)}">{form}</td>'
        else:
            own = self._own(row) + self._beside(row)
        known = f' data-id="{row.id}"' if self.edits else ""
        style = self._style(row, editing=bool(form))
        return SafeString(f'<tr id="i{row.id}"{known} class="{style}">{head}{number}{levels}{own}</tr>')

    def _style(self, row: Row, *, editing: bool) -> str:
        found = ["is-retired"] if row.own.retired else ["is-finding"] if row.flaws else []
        found += ["is-here"] if row.id == self.saved else []
        return " ".join([*found, "is-editing"] if editing else found)

    def _field(self, name: str) -> str:
        return f' data-f="{name}"' if self.edits else ""

    def _name(self, cell: LevelCell, style: str) -> str:
        if self.edits:
            address = f"{self.at}{cell.id}/edit/{self.query}"
            return f'<a class="{style} edit" data-t href="{address}">{escape(cell.name)}</a>'
        return f'<span class="{style}">{escape(cell.name)}</span>'

    def level(self, cell: LevelCell) -> SafeString:
        """A merged cell of a level column."""
        known = f' data-id="{cell.id}" data-level="{cell.level}" data-f="name"' if self.edits else ""
        blank = ' data-v=""' if self.edits and cell.blank else ""
        grip = '<span class="grip" draggable="true" title="拖动整组" aria-hidden="true">⠿</span>' if self.edits else ""
        tall = " is-tall" if cell.rowspan > WINDOW else ""
        style = f"level lv{cell.level}{tall}"
        return SafeString(
            f'<th scope="rowgroup" class="{style}" id="n{cell.id}" rowspan="{cell.rowspan}"{known}{blank}>'
            f'<div class="level-in">{grip}{self._name(cell, "level-name")}{self.sums(cell)}</div></th>'
        )

    def sums(self, cell: LevelCell) -> SafeString:
        """The points of a level's cell: declared, listed, what is left to share out."""
        known = f' data-f="points" data-v="{cell.declared}"' if self.edits else ""
        share = self._share(cell) if self.edits and cell.remainder else ""
        return SafeString(f'<span class="points" id="s{cell.id}"{known}>{self._said(cell)}{share}</span>')

    def _said(self, cell: LevelCell) -> str:
        if cell.declared and cell.difference:
            listed = f'<span>· 下级 {cell.listed}</span> <span class="points-differ">差 {cell.difference}</span>'
            return f"<span data-t>{cell.declared} 分</span> {listed}"
        if cell.declared:
            agree = ' <span class="points-agree" title="与下级合计相符">✓</span>' if cell.listed else ""
            return f"<span data-t>{cell.declared} 分</span>{agree}"
        if cell.listed:
            return f"<span data-t>下级 {cell.listed} 分</span>"
        return "<span data-t>未标分值</span>" if self.edits else ""

    def _share(self, cell: LevelCell) -> str:
        off = "多" if cell.remainder.startswith("-") else "少"
        return (
            f' <button type="submit" class="share" form="desk-form" '
            f'formaction="{self.at}{cell.id}/distribute/{self.query}" '
            f'title="下一级各项合计比标注分值{off}；点这里平均分给下一级各项">余 {cell.remainder} · 平均分配</button>'
        )

    def _own(self, row: Row) -> str:
        """The cell of the indicator the row is about."""
        span = f' colspan="{row.span}"' if row.span > 1 else ""
        style = "" if row.is_item else ' class="level"'
        blank = ' data-v=""' if self.edits and row.own.blank else ""
        name = self._name(row.own, "item-name") if self.edits else escape(row.own.name)
        under = "" if row.is_item else self._below(row.own)
        flaws = "".join(f'<span class="finding">{escape(words)}</span>' for words in row.flaws)
        back = ""
        if self.edits and row.own.retired:
            address = f"{self.at}{row.id}/restore/{self.query}"
            back = (
                '<button type="submit" class="btn btn-sm btn-outline restore" form="desk-form" '
                f'formaction="{address}">恢复</button>'
            )
        return f"<td{span}{style}{self._field('name')}{blank}>{name}{under}{flaws}{back}</td>"

    def _below(self, own: LevelCell) -> str:
        """What stands below a level that has a row of its own."""
        if own.difference:
            said = f'<span>下级 {own.listed}</span> <span class="points-differ">差 {own.difference}</span>'
        elif own.listed:
            agree = ' <span class="points-agree" title="与下级合计相符">✓</span>' if own.declared else ""
            said = f"<span>下级 {own.listed} 分</span>{agree}"
        else:
            said = "<span>下面没有评估点</span>"
        return f'<span class="points">{said}</span>'

    def _beside(self, row: Row) -> str:
        """The cells behind the indicator's own."""
        frame, field = self.frame, self._field
        found = []
        if frame.criteria:
            found.append(f'<td class="criteria"{field("criteria")}>{escape(row.criteria)}</td>')
        found.append(f'<td class="num"{field("points")}>{row.points}</td>')
        if frame.parts:
            text = f' data-v="{escape(row.units)}"' if self.edits else ""
            holder = " data-t" if self.edits else ""
            chips = "".join(_chip(one) for one in row.chips)
            found.append(f'<td{field("parts")}{text}><div class="chips"{holder}>{chips}</div></td>')
        if frame.methods:
            inferred = _INFERRED if row.method_inferred else ""
            found.append(f"<td{inferred}{field('methods')}>{escape(row.methods)}</td>")
        for extra in row.extras:
            found.append(f"<td{field('x:' + escape(extra.heading))}>{escape(extra.words)}</td>")
        return "".join(found)


def _chip(chip: Chip) -> str:
    title = f' title="{escape(chip.title)}"' if chip.title else ""
    word = f"<i>{escape(chip.word)}</i>" if chip.word else ""
    return f'<span class="chip{chip.style}"{title}>{word}{escape(chip.name)}</span>'
