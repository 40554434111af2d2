"""Ticked changes of a file written into a ledger: a draft itself, or a new version of what is published."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from indicators import versions
from indicators.changes.arranging import Arrangement
from indicators.changes.comparing import Change, Comparison, compare
from indicators.changes.standing import stamp
from indicators.editing import EditRefused
from indicators.editing.fields import NAMES
from indicators.editing.locking import locked
from indicators.editing.rereading import settle
from indicators.importing import remembering, rows, sheets
from indicators.importing.choices import Choices
from indicators.importing.kept import identity, unpack
from indicators.importing.receiving import ImportRefused
from indicators.importing.storing import method_rows, names, settle_names
from indicators.listing import flaws
from indicators.listing.outline import from_draft, from_ledger, stated_points
from indicators.models import (
    Amendment,
    Indicator,
    IndicatorMethod,
    Ledger,
    LedgerStatus,
    LedgerUpdate,
    Responsibility,
    Upload,
    UploadState,
)
from indicators.proposing import as_kept, said
from indicators.reading import reconcile
from indicators.reading.drafts import LedgerDraft, NodeDraft
from indicators.reading.repairs import applied
from indicators.reading.report import plain
from indicators.reading.weighing import weighed
from units import audit, matching
from units.models import User

_FIELDS = {"renamed": "name", "points": "points", "criteria": "criteria", "item": "is_item"}


@dataclass(frozen=True, slots=True)
class Applied:
    """What a person ticked. seen: the ledger's stamp and the reading's turn that were looked at.

    repairs: keys of the repairs the file was compared with.
    """

    keys: Collection[str]
    names: Mapping[str, str]
    seen: str
    turn: int
    repairs: Collection[str] = ()


@transaction.atomic
def apply(upload: Upload, draft_at: int, ledger: Ledger, ticked: Applied, *, by: User | None) -> Ledger:
    """The ledger the ticked changes were written into: itself while a draft, else its new version.

    Everything or nothing. Raises EditRefused where a change needs another one that was not ticked, where the ledger
    or the reading changed meanwhile, and ImportRefused once this sheet was applied or the upload confirmed.
    """
    current = Upload.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=upload.pk)
    if current.state != UploadState.READ or current.reading is None:
        raise ImportRefused("这个文件现在不能导入变更")
    draft = repaired(unpack(current.reading).ledgers[draft_at], ticked.repairs)
    if current.updates.filter(sheet=draft.sheet).exists():
        raise ImportRefused("这张表的变更已导入过")
    head = Ledger.objects.select_for_update().get(pk=ledger.pk, organisation=current.organisation)
    if stamp(head) != ticked.seen or current.turn != ticked.turn or head.next_versions.exists():
        raise EditRefused("台账或读取结果刚被改过；重新核对变更后再导入")
    found = comparison(current, draft, head)
    report = [
        {"kind": one.kind, "words": one.words, "applied": one.key in ticked.keys or one.alternative in ticked.keys}
        for one in found.changes
    ]
    target = head
    if any(one["applied"] for one in report):
        target = locked(head.pk) if head.status == LedgerStatus.DRAFT else versions.new_version(head, by=by)
        _Writing(current, draft, head, target, found, ticked, by).all()
    _finish(current, draft, target, report, by)
    return target


def repaired(draft: LedgerDraft, repairs: Collection[str]) -> LedgerDraft:
    """The draft as it would be stored with these repairs."""
    return weighed(applied(draft, repairs))


def comparison(upload: Upload, draft: LedgerDraft, ledger: Ledger) -> Comparison:
    """The ledger against the file as `repaired` gave it, as its names are known now; six queries."""
    known = matching.match(upload.organisation, names([draft]))
    file = from_draft(draft, lambda name: rows.key_of(known.get(name)))
    return compare(from_ledger(ledger), file, identities(upload, draft))


def identities(upload: Upload, draft: LedgerDraft) -> dict[int, str]:
    """Node → the identity it has where this very file put it into a ledger."""
    return {node.id: str(identity(upload, draft.sheet, node.id)) for node in draft.nodes}


class _Writing:
    """One application, step by step: words and points, new ones, moves, what is gone, then the rows."""

    def __init__(
        self,
        upload: Upload,
        draft: LedgerDraft,
        head: Ledger,
        target: Ledger,
        found: Comparison,
        ticked: Applied,
        by: User | None,
    ) -> None:
        self.upload, self.draft, self.target, self.by = upload, draft, target, by
        self.keys, self.names = ticked.keys, ticked.names
        self.unticked = {
            one.new for one in found.changes if one.key not in self.keys and one.alternative not in self.keys
        }
        self.changes = [one for one in found.changes if one.key in self.keys or one.alternative in self.keys]
        self.nodes = {node.id: node for node in draft.nodes}
        self.tree = Arrangement(target)
        here = {str(row.identity): key for key, row in self.tree.rows.items()}
        there = dict(Indicator.objects.filter(ledger=head).values_list("pk", "identity"))
        self.old_key = {pk: here[str(one)] for pk, one in there.items() if str(one) in here}
        self.key_of = {one.new: self.old_key[one.old] for one in found.pairs}
        self.doubtful = {one.new for one in found.pairs if not one.sure}
        self.notes: list[Amendment] = []
        self.new: list[NodeDraft] = []
        self.reassigned: dict[str, list[int]] = {"units": [], "methods": [], "criteria": []}

    def all(self) -> None:
        for change in self.changes:
            self._words(change)
        self._replace()
        for change in self.changes:
            if change.kind == "added":
                self._add(change.new or 0)
        for change in self.changes:
            if change.kind in {"moved", "asked"} and change.alternative not in self.keys:
                self._move(change)
        for change in self.changes:
            if change.kind == "removed":
                self._retire(self.old_key[change.old or 0])
        self._show_anew()
        self.tree.write()
        self._hang()
        Amendment.objects.bulk_create(self.notes)
        self._totals()

    # ---- words and points

    def _words(self, change: Change) -> None:
        """Name, points, criteria and kind; an asked pair that is one indicator takes them all."""
        if change.old is None or change.new is None or change.alternative in self.keys:
            return
        kinds = (*_FIELDS, "units", "methods") if change.kind == "asked" else (change.kind,)
        for kind in kinds:
            if kind in _FIELDS:
                self._set(self.old_key[change.old], change.new, _FIELDS[kind])
            if kind in self.reassigned:
                self.reassigned[kind].append(change.new)
        if change.kind in {"renamed", "item"} and not self.tree.rows[self.old_key[change.old]].criteria:
            # its name holds its rules
            self.reassigned["criteria"].append(change.new)

    def _set(self, key: int, new: int, field: str) -> None:
        row, node = self.tree.rows[key], self.nodes[new]
        value: Any = {
            "name": node.name,
            "points": node.declared,
            "criteria": node.criteria or "",
            "is_item": node.is_item,
        }[field]
        old = getattr(row, field)
        if old == value:
            return
        if field == "name":
            row.rename(value)
        else:
            setattr(row, field, value)
        if field == "criteria":
            row.checkpoints = as_kept(node.checkpoints)
        row.cells = node.cells[:100]
        words = [plain(one) if field == "points" and one is not None else one for one in (old, value)]
        self._note(Amendment.Action.EDITED, row, NAMES[field], *words)
        self.tree.touched.add(key)

    def _note(self, action: Amendment.Action, row: Indicator, field: str, old: Any, new: Any) -> None:
        self.notes.append(
            Amendment(ledger=self.target, indicator=row, actor=self.by, action=action, field=field, old=old, new=new)
        )

    # ---- the tree's shape

    def _replace(self) -> None:
        """Doubtful pairs that are two indicators: the new one stands behind the old one, which goes."""
        for change in self.changes:
            if change.alternative in self.keys and change.new is not None and change.old is not None:
                del self.key_of[change.new]
                self._add(change.new)
                self._retire(self.old_key[change.old])

    def _add(self, top: int) -> None:
        """The node and everything new below it."""
        for node in self._new_below(top):
            key = -node.id
            (seed,) = rows.seeds(replace(self.draft, nodes=(node,)), self.upload)
            self.tree.rows[key] = seed.indicator
            self.key_of[node.id] = key
            self.tree.put(key, self._parent(node), self._behind(node))
            self.new.append(node)
            worth = "" if node.declared is None else f"，{plain(node.declared)} 分"
            self._note(Amendment.Action.ADDED, seed.indicator, "", None, f"{self.tree.path(key)}{worth}")

    def _new_below(self, top: int) -> list[NodeDraft]:
        under = {top}
        for node in self.draft.nodes:
            if node.parent in under and node.id not in self.key_of:
                under.add(node.id)
        return [node for node in self.draft.nodes if node.id in under]

    def _parent(self, node: NodeDraft) -> int:
        if node.parent is None:
            return self.tree.root
        key = self.key_of.get(node.parent)
        if key is None:
            above = self.nodes[node.parent]
            raise EditRefused(f"“{node.name}”的上级“{above.name}”是新增的，没有勾选；一并勾选后再导入")
        if self.tree.rows[key].is_item and not self.nodes[node.parent].is_item:
            self._set(key, node.parent, "is_item")
        return key

    def _behind(self, node: NodeDraft) -> int | None:
        """The nearest sibling before it in the file that stands under the same parent now."""
        parent = self._parent(node)
        before = [one for one in self.draft.nodes if one.parent == node.parent]
        for one in reversed(before[: before.index(node)]):
            key = self.key_of.get(one.id)
            if key is not None and self.tree.parents.get(key) == parent:
                return key
        return None

    def _move(self, change: Change) -> None:
        key, node = self.old_key[change.old or 0], self.nodes[change.new or 0]
        before = self.tree.path(key)
        self.tree.put(key, self._parent(node), self._behind(node))
        after = self.tree.path(key)
        if before != after:
            self._note(Amendment.Action.MOVED, self.tree.rows[key], "位置", before, after)
            self.tree.touched.add(key)

    def _retire(self, key: int) -> None:
        stays = {one for new, one in self.key_of.items() if new in self.nodes}
        kept = next((one for one in self.tree.under(key) if one in stays and one != key), None)
        row = self.tree.rows[key]
        if kept is not None:
            raise EditRefused(f"“{row}”下面的“{self.tree.rows[kept]}”在新文件里还在；一并勾选它的移动，或不勾选移除")
        if row.retired_at is None:
            path = self.tree.path(key)
            self._note(Amendment.Action.RETIRED, row, "", path, f"共 {self.tree.retire(key)} 项")

    # ---- what hangs on indicators

    def _hang(self) -> None:
        """Units, methods and rules of new and reassigned ones; the same few statements for any number."""
        planted = {new: self.tree.rows[key] for new, key in self.key_of.items()}
        units = self._chosen("units")
        # only names that a ticked change brings become units
        known = settle_names(self.upload.organisation, [units], Choices(names=self.names), self.by)
        self._note_words("units", units)
        Responsibility.objects.filter(indicator__in=[planted[one] for one in self.reassigned["units"]]).delete()
        Responsibility.objects.bulk_create(rows.responsibilities(units, planted, known))
        methods = self._chosen("methods")
        self._note_words("methods", methods)
        IndicatorMethod.objects.filter(indicator__in=[planted[one] for one in self.reassigned["methods"]]).delete()
        IndicatorMethod.objects.bulk_create(method_rows(self.upload.organisation, methods, planted))
        read_anew = {planted[one].pk: said(planted[one]) for one in self.reassigned["criteria"]}
        settle(read_anew, rows.rules(self._chosen("criteria"), planted))

    def _chosen(self, kind: str) -> LedgerDraft:
        wanted = {*self.reassigned[kind], *(node.id for node in self.new)}
        return replace(self.draft, nodes=tuple(node for node in self.draft.nodes if node.id in wanted))

    def _note_words(self, kind: str, draft: LedgerDraft) -> None:
        field = {"units": "parts", "methods": "methods"}[kind]
        words = {one.new: one for one in self.changes if one.kind in {kind, "asked"}}
        for node in draft.nodes:
            if node.id in self.reassigned[kind] and words[node.id].kind == kind:
                change = words[node.id]
                row = self.tree.rows[self.key_of[node.id]]
                self._note(
                    Amendment.Action.EDITED, row, NAMES[field], change.before.split("、"), change.after.split("、")
                )

    def _shown(self) -> dict[int, Indicator]:
        """Node → its indicator, without pairs that nobody took for one indicator."""
        undecided = self.doubtful - {one.new for one in self.changes}
        return {new: self.tree.rows[key] for new, key in self.key_of.items() if new not in undecided}

    def _show_anew(self) -> None:
        """Serials and places as the new file prints them, of everything that stands in it."""
        for new, row in self._shown().items():
            number, cells = (self.nodes[new].number or "")[:20], self.nodes[new].cells[:100]
            if (row.number, row.cells) != (number, cells):
                row.number, row.cells = number, cells
                self.tree.shown_anew.add(row.pk)

    def _totals(self) -> None:
        """What the ledger says in all, and what the reader found in this file in place of the one before."""
        totals = {"declared_total": reconcile.declared_total(flaws.tallies(from_ledger(self.target)))}
        if not self.unticked:
            totals["stated_total"] = stated_points(self.draft)
        Ledger.objects.filter(pk=self.target.pk).update(findings=self._findings(), **totals)

    def _findings(self) -> list[dict[str, str]]:
        """Those of the file for what now stands as the file says; those of before for what a person left alone."""
        planted = {new: row for new, row in self._shown().items() if new not in self.unticked}
        found = [one for one in rows.located(self.draft) if not one.identity or int(one.identity) in planted]
        if self.unticked:
            found = [one for one in found if one.identity]
        told = rows.findings(found, planted)
        settled = {str(row.identity) for row in planted.values()}
        stays = [one for one in self.target.findings if one.get("indicator", "") not in settled]
        gone = {str(row.identity) for row in self.tree.rows.values() if row.retired_at is not None}
        return told + [one for one in stays if (one.get("indicator") or self.unticked) and one["indicator"] not in gone]


def _finish(
    upload: Upload, draft: LedgerDraft, target: Ledger, report: Sequence[dict[str, Any]], by: User | None
) -> None:
    LedgerUpdate.objects.create(
        upload=upload, sheet=draft.sheet[:100], ledger=target, report=list(report), applied_by=by
    )
    done = set(upload.updates.values_list("sheet", flat=True))
    ledgers = {one.sheet[:100] for one in unpack(upload.reading or {}).ledgers}
    if ledgers <= done:
        upload.state = UploadState.STORED
    upload.confirmed_by, upload.confirmed_at = by, timezone.now()
    upload.save(update_fields=["state", "confirmed_by", "confirmed_at"])
    remembering.learn(upload, sheets.kept_book(upload) if upload.corrections else None, by=by)
    audit.record(
        organisation=upload.organisation,
        actor=by,
        action="导入变更",
        target=f"{target.title} 第 {target.version} 版",
        detail={"upload": upload.pk, "ledger": target.pk, "applied": sum(one["applied"] for one in report)},
    )
