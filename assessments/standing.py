"""Which band (等次) a page says while scores are still missing. What is stored and reported is not its matter."""

from dataclasses import dataclass

from assessments.models import Round
from assessments.rollup import SheetSums
from assessments.scoring.policy import Policy, band_of

UNDECIDED = "未定"


@dataclass(frozen=True, slots=True)
class Standing:
    """The band as a page says it. note: what it would be either way, while it is undecided."""

    band: str
    note: str = ""


def standing(sums: SheetSums, round_: Round) -> Standing:
    """The sheet's band; 未定 while items are not scored and the result is not published."""
    if not sums.pending or round_.is_sealed:
        return Standing(sums.band)
    if not sums.band:
        return Standing("")
    policy = Policy(bands=Policy.from_json(round_.policy).bands)
    so_far = None if sums.so_far_rate is None else band_of(sums.so_far_rate, policy)
    parts = [f"已评部分 {so_far}"] if so_far else []
    return Standing(UNDECIDED, " · ".join([*parts, f"按未填计零 {sums.band}"]))
