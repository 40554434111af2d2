"""Why a unit cannot edit an entry now, in the few words a row has room for; `rights` decides again when it tries."""

from datetime import date

from assessments import transitions, windows
from assessments.models import Entry, EntryStage, EntryState, Round
from assessments.transitions import Action
from units.models import Role

STAGE_WORDS = {
    EntryStage.SIGNING: "已送签，待单位负责人签审",
    EntryStage.SUBMITTED: "已提交，待审核",
    EntryStage.ACCEPTED: "已审核",
}


def locked_because(entry: Entry, round_: Round, limit: date | None) -> str:
    """The reason, empty when the unit can edit it. limit: `windows.last_day`."""
    if entry.state == EntryState.EXEMPT:
        return "台账已移出这一项"
    if entry.shared_home_id is not None:
        return "合并计分，填在第一项"
    if transitions.find(Action.SAVE, stage=entry.stage, phase=round_.phase, role=Role.FILLER) is not None:
        return "已截止，已锁定" if windows.is_over(limit) else ""
    if round_.is_sealed:
        return "已公布，不再修改"
    if round_.is_tracked and entry.stage == EntryStage.ACCEPTED:
        return "已办结"
    return STAGE_WORDS.get(EntryStage(entry.stage)) or f"{round_.get_phase_display()}阶段，已锁定"
