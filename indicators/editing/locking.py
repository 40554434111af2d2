"""The ledger's row lock, taken before anything below it changes, and the ways an edit is refused."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from indicators.models import Amendment, Indicator, Ledger, LedgerStatus
from units.models import User


class EditRefused(Exception):
    """An edit that is not done; the message says why and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ChangedMeanwhile(EditRefused):
    """A colleague saved this indicator after the form was opened; nothing is overwritten."""

    def __init__(self, indicator: Indicator) -> None:
        super().__init__("这项指标刚被别人修改过，您的内容没有保存；核对最新内容后再改")
        self.indicator = indicator


def locked(asked: int | QuerySet[Ledger]) -> Ledger:
    """The ledger with its row locked until the transaction ends. asked: its id, or the question for it.

    Raises EditRefused unless it is a draft, Ledger.DoesNotExist where the question finds none.
    """
    rows = Ledger.objects.filter(pk=asked) if isinstance(asked, int) else asked
    ledger = rows.select_for_update().get()
    if ledger.status != LedgerStatus.DRAFT:
        raise EditRefused("已发布的台账不能直接修改，建立新版本后再改")
    return ledger


def fresh(indicator: Indicator) -> tuple[Ledger, Indicator]:
    """The locked ledger of an indicator, and the indicator as it stands under that lock.

    Raises EditRefused for the ledger's root, which is no indicator.
    """
    ledger = locked(indicator.ledger_id)
    current = Indicator.objects.get(pk=indicator.pk, ledger=ledger)
    if current.parent_id is None:
        raise EditRefused("台账本身不是指标，不能这样修改")
    return ledger, current


def note(
    ledger: Ledger,
    indicator: Indicator,
    action: Amendment.Action,
    by: User | None,
    *,
    field: str = "",
    old: Any = None,
    new: Any = None,
    detail: dict[str, Any] | None = None,
    step: UUID | None = None,
    undoes: Amendment | None = None,
) -> Amendment:
    """One line of the amendment list, not yet stored. step: shared by all that one act changes."""
    return Amendment(
        ledger=ledger,
        indicator=indicator,
        actor=by,
        action=action,
        field=field,
        old=old,
        new=new,
        detail=detail or {},
        step=step,
        undoes=undoes,
    )
