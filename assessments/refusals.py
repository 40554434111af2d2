"""What a verb says when it does not do what was asked: a sentence for the person, never a stack of causes."""

from collections.abc import Sequence

from assessments.models import Entry


class NotNow(Exception):
    """Refused as things stand: locked, another phase or stage, after the last day, or not this person's to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class KeyReused(NotNow):
    """One click's key came back with other content: a conflict, never swallowed."""

    def __init__(self) -> None:
        super().__init__("这次提交与先前的内容不一致，没有保存。刷新页面后核对再试。")


class ReasonNeeded(NotNow):
    """The table asks for a reason and there is none."""


class StillOpen(NotNow):
    """A round cannot be opened or published yet: `items` names what is open, a sentence each.

    only_blanks: nothing but items nobody scored; the office may confirm that they count 0.
    """

    def __init__(self, message: str, items: Sequence[str], *, only_blanks: bool = False) -> None:
        super().__init__(message)
        self.items = tuple(items)
        self.only_blanks = only_blanks


class ChangedMeanwhile(Exception):
    """Somebody wrote this entry after the form was shown; `entry` is as it is now, nothing was stored."""

    def __init__(self, entry: Entry) -> None:
        self.message = "这一项刚刚被别人修改过，这次填写的内容没有保存。核对最新内容后再保存。"
        super().__init__(self.message)
        self.entry = entry
