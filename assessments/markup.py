"""A unit's rows of 填报 as HTML; decides nothing.

Python and no template, as the ledger's rows: a page holds hundreds of them, and a template takes ten times as long.
Every value goes through `escape`; what only few rows have is still a template's.
"""

from collections.abc import Iterable
from html import escape

from django.template.defaultfilters import linebreaksbr
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from assessments.worksheet import Group, Row

# what cells.js and a screen reader ask of the score's cell
_SCORE = 'data-words="不涉及" data-label="自评得分" autocomplete="off" maxlength="20" aria-label="自评得分"'


def groups(of: Iterable[Group], *, unfolded: bool = False) -> SafeString:
    """The bodies of the sheet's table. unfolded: criteria are open, for one item shown alone."""
    return SafeString("".join(_group(one, " open" if unfolded else "") for one in of))


def _group(group: Group, fold: str) -> str:
    points = f"{escape(group.points)} 分 · " if group.points else ""
    rows = "".join(_row(row, group.title, fold) for row in group.rows)
    return (
        f'<tbody>\n<tr class="group"><th colspan="7" scope="rowgroup"><strong>{escape(group.title)}</strong>'
        f'<span class="quiet">{points}自评 <span id="sum-{group.id}">{group.sum}</span></span></th></tr>\n'
        f"{rows}</tbody>"
    )


def _row(row: Row, place: str, fold: str) -> str:
    saves = "" if row.locked else f' data-save-url="{row.at}save/" data-version="{row.version}"'
    state = f' data-state="{row.state}"' if row.state else ""
    return (
        f'<tr id="entry-{row.ref}"{saves}{state}>\n<th scope="row">{_item(row, place, fold)}</th>\n'
        f'<td><span class="chip">牵头</span></td>\n<td class="num">{row.points}</td>\n'
        f"{_locked(row) if row.locked else _open(row)}\n</tr>\n"
    )


def _item(row: Row, place: str, fold: str) -> str:
    """What is asked, what its rules ask for, what others note, and the year before."""
    last = row.last
    told = "".join(f'<span class="told">{linebreaksbr(note)}</span>' for note in row.notes)
    about = f"{escape(row.about)} · " if row.about else ""
    together = f" · <em>{escape(row.together)}</em>" if row.together else ""
    more = render_to_string("assessments/_last_year.html", {"last": last}) if last and last.more else ""
    return (
        f'<a class="item-name" href="{row.at}">{escape(row.name)}</a>{_criteria(row, fold)}{_rules(row)}{told}'
        f'<span class="under" data-place="{escape(place)}">{about}{"" if more else _last(row)}{together}</span>{more}'
    )


def _criteria(row: Row, fold: str) -> str:
    if row.criteria:
        said = f"<summary>评分标准</summary><p>{linebreaksbr(row.criteria)}</p>"
    elif row.checkpoints:
        parts = "".join(_part(one["text"], one.get("points")) for one in row.checkpoints)
        said = f"<summary>得分点</summary><ul>{parts}</ul>"
    else:
        return ""
    return f'<details class="criteria"{fold}>{said}</details>'


def _part(text: str, points: object) -> str:
    worth = f"（{escape(str(points))} 分）" if points else ""
    return f"<li>{escape(text)}{worth}</li>"


def _rules(row: Row) -> str:
    if not row.fields:
        return ""
    if row.locked:
        return f'<span class="under">{escape(row.reckoned)}</span>'
    context = {"row": row, "at": row.at, "prefix": f"e{row.ref}-"}
    return render_to_string("assessments/_rule_fields.html", context)


def _last(row: Row) -> str:
    score = "—"
    if row.last:
        corrected = f"（{escape(row.last.corrected)}）" if row.last.corrected else ""
        score = f"{escape(row.last.score)}{corrected}"
    return f'<span class="whole">上年 {score}</span>'


def _locked(row: Row) -> str:
    """The cells of a row that cannot be typed into."""
    if row.sealed:
        one = row.correction
        beside = render_to_string("assessments/_amended.html", {"one": one}) if one else ""
        published = f"公布 <strong>{escape(row.sealed)}</strong>"
        said = f'<a class="figure" href="{row.at}#stages">{published}</a>{beside}'
    else:
        said = f'<span class="quiet">{escape(row.locked)}</span>'
    return (
        f'<td class="num">{escape(row.score)}</td><td>{linebreaksbr(row.reason)}</td>\n'
        f'<td><a class="evidence-link quiet" href="{row.at}#evidence">{escape(row.evidence)}</a></td>'
        f'<td class="said">{said}</td>'
    )


def _open(row: Row) -> str:
    """The cells to type into."""
    returned = f'<span class="finding finding--wrong">退回：{escape(row.returned)}</span>' if row.returned else ""
    return (
        f'<td class="has-cell"><input type="hidden" name="row" value="{row.mark}">'
        f'<input class="cell cell--num {row.off_score}" name="score" value="{escape(row.score)}" '
        f'data-maximum="{row.maximum}" {_SCORE}></td>\n'
        f'<td class="has-cell"><textarea class="cell {row.off_reason}" name="reason" data-reason rows="1" '
        f'maxlength="2000" aria-label="扣分原因">{escape(row.reason)}</textarea>{returned}</td>\n'
        f'<td><a class="evidence-link" href="{row.at}#evidence">{escape(row.evidence)}</a>'
        f'<span class="finding" data-evidence-said role="status"></span></td>'
        f'<td data-row-state role="status">{escape(row.words)}</td>'
    )
