"""A 责任单位 cell → names with their roles and open ends; matches nothing to stored units."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

LEAD, JOINT, SUPPORT = "lead", "joint", "support"
UNIT, GROUP = "unit", "group"


@dataclass(frozen=True, slots=True)
class Named:
    """A unit or group that a cell names.

    role: lead (牵头或单独负责), joint (会同、共同负责) or support (配合). open_ended: `等` or `及相关单位` follows,
    so the list is not complete.
    """

    name: str
    role: str = LEAD
    kind: str = UNIT
    open_ended: bool = False


_BODY = "单位|部门|处室|科室|股室|机构|乡镇|镇街"
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\x00-\x08\x0b-\x1f\x7f]")
_WRAPPED = re.compile(r"[(（【\[]([^()（）【】\[\]]*)[)）】\]]", re.DOTALL)
_NOTHING = frozenset("—-–/／\\－─―无 ")

_LABEL = re.compile(
    r"(牵头|主办|责任|承办|承担|配合|协办|参与|会同|共同负责)(?:单位|部门|处室|科室)?(?:[及和]负责人)?\s*[:：]"
)
_LABEL_ROLE = {"配合": SUPPORT, "协办": SUPPORT, "参与": SUPPORT, "会同": JOINT, "共同负责": JOINT}
_VERB = re.compile(
    r"(?:按照?(?:各自)?(?:的?职责|职能|职责职能)(?:分工|权限|范围)?|分工)?(?:分别|具体|共同)?"
    r"(共同牵头|牵头|主办|共同负责|负责|共同配合|积极配合|配合|协助|协办|参与|参加|共同|做好|抓好落实|组织实施|组织落实|落实)"
    r"(?:负责|落实|实施|办理|做好.*|.*工作)?$"
)
_FIRST = re.compile(
    r"(?:第一|首位|首个|排(?:名|序|列)?在?(?:第一|首|最前|前)|列在?(?:第一|首|最前))[^。；;\n]{0,12}(?:为|是)[^。；;\n]{0,4}牵头"
)
_DOING = frozenset({"抓好落实", "组织实施", "组织落实", "落实"})
_SPECIAL = "★☆※*●▲△◆ "
_SIMPLE = {
    "牽頭": "牵头",
    "會同": "会同",
    "負責": "负责",
    "協助": "协助",
    "協辦": "协办",
    "參與": "参与",
    "主辦": "主办",
    "責任單位": "责任单位",
}
_TRADITIONAL = re.compile("|".join(_SIMPLE))
_RULE = re.compile(
    r"[(（\[]?[^()（）、，,;；。\n]*第一[^()（）、，,;；。\n]{0,6}(?:单位|部门|处室|位)[^()（）、，,;；。\n]{0,4}为?牵头[^()（）\n]*[)）\]]?"
)
_BRACKETED = re.compile(r"[(（](牵头|主办|负责|会同|共同负责|配合|协办|参与)(?:单位|部门|处室|科室)?[)）]$")
_WITH = re.compile(r"会同|(?<=[局处室办委])商(?=.)")

_SEPARATOR = re.compile(r"[、，,;；。/／|]+(?![^(（]*[)）])")
_PAIR = re.compile(r"(处室|科室|部门|乡镇|镇)、(?=各?(?:单位|部门|街道|处室)(?:$|[^\w]|牵头|负责|配合|参与|共同))")
_GLUE = "\x00"
_AND = re.compile(
    r"(?<=[局处室办委厅科镇部院所队社])[和与及]"
    r"(?=[^和与及]{1,12}(?:局|处|室|办|委|厅|科|镇|部|院|所|队|社|中心)(?:$|牵头|负责|配合|共同|参与))"
)
_OPEN_END = re.compile(
    rf"^(.+?)(?:等(?:各)?(?:有关|相关)?(?:[^等]{{0,6}}(?:{_BODY}))?|[及和与](?:其他)?各?(?:有关|相关)的?(?:[^及]{{0,4}}(?:{_BODY})))$"
)
_OPEN_ALONE = re.compile(
    rf"^(?:等|[及和与]其他|[及和与](?=各?(?:有关|相关)))各?(?:有关|相关)?的?(?:.{{0,4}}(?:{_BODY}))?$"
)
_LOOSE_END = re.compile(rf"^各?(?:有关|相关)的?(?:{_BODY})$")
_GROUP = re.compile(
    rf"^(?:各|全体|所有).|各(?:{_BODY}|镇|街道|乡|局|委|办)|^(?:乡镇|镇街|街道|街道办|街道办事处|村居|村（居）|社区)$|^.{{0,10}}(?:{_BODY})$"
)
_UNIT_END = re.compile(
    r"(?:[局处室办委厅科镇乡部院所队社站馆会校网府署股组)）]|中心|公司|街道|单位|部门|机构|等|牵头|负责|配合|共同|参与|协助)$"
)
_LATIN = re.compile("[A-Za-z]{4}|[A-Za-z] [A-Za-z]")
_TRANSLATION = re.compile(
    r"(?<=[\u4e00-\u9fff)）])\s*(?:[A-Za-z][A-Za-z&'.-]*(?:\s+[A-Za-z&][A-Za-z&'.-]*)+|[A-Za-z]{4,})(?![\u4e00-\u9fff])"
)
_NEW_NAME = re.compile(r"^(?:[各县市省区等及和与]|国家|直属|相关|有关|牵头|负责|配合|共同|参与|协助)")


@lru_cache(maxsize=4096)
def parse(text: str) -> tuple[Named, ...]:
    """Every unit and group a cell names, once each, in the order printed; an empty tuple for a blank cell.

    Units merely set apart are all lead. `会同` makes those before it lead and those after it joint.

    >>> [(one.name, one.role) for one in parse("政策法规处会同监察处、监察局")]
    [('政策法规处', 'lead'), ('监察处', 'joint'), ('监察局', 'joint')]
    >>> [(one.name, one.role) for one in parse("甲局、乙局共同负责")]
    [('甲局', 'lead'), ('乙局', 'joint')]
    >>> [(one.name, one.role) for one in parse("办公室、政策法规处")]
    [('办公室', 'lead'), ('政策法规处', 'lead')]
    >>> [(one.name, one.open_ended) for one in parse("县市场监管局\\n县税务局等\\n相关单位")]
    [('县市场监管局', False), ('县税务局', True)]
    >>> [(one.name, one.kind) for one in parse("各镇\\n县政府各部门                      直属机构")]
    [('各镇', 'group'), ('县政府各部门', 'group'), ('直属机构', 'group')]
    >>> [(one.name, one.role, one.kind) for one in parse("（责任单位：政策法规处牵头，有关处室、单位配合）")]
    [('政策法规处', 'lead', 'unit'), ('有关处室、单位', 'support', 'group')]
    """
    text = _TRADITIONAL.sub(lambda found: _SIMPLE[found[0]], _INVISIBLE.sub("", text)).strip()
    text = in_chinese(text)
    wrapped = _WRAPPED.fullmatch(text)
    text = wrapped[1].strip() if wrapped else text
    if not set(text) - _NOTHING:
        return ()
    found: list[_Mark] = []
    for role, words in _labelled(_RULE.sub("", text)):
        found.extend(_clause(words, role))
    if found and all(mark.role == JOINT for mark in found):
        # Where all share the work and nobody is said to lead, the one named first does.
        found[0].role = LEAD
    led = any(mark.role == LEAD and mark.said for mark in found)
    named: dict[str, Named] = {}
    for mark in found:
        # Beside a unit that is said to lead, one without a word of its own shares the work.
        role = mark.role or LEAD
        if led and role == LEAD and not mark.said:
            role = JOINT
        name = mark.name.replace(_GLUE, "、")
        named.setdefault(name, Named(name, role, _kind(name), mark.open_ended))
    return tuple(named.values())


@dataclass(slots=True)
class _Mark:
    """A name on its way: role None while no word has told it; said when an explicit word did."""

    name: str
    role: str | None = None
    said: bool = False
    open_ended: bool = False


def _labelled(text: str) -> Iterator[tuple[str | None, str]]:
    """The parts behind `牵头单位：`, `配合单位：` and the like, each with the role its label gives."""
    pieces = _LABEL.split(text)
    if pieces[0].strip():
        yield None, pieces[0]
    for label, words in zip(pieces[1::2], pieces[2::2], strict=True):
        yield (LEAD if label in {"牵头", "主办"} else _LABEL_ROLE.get(label)), words


def _clause(text: str, role: str | None) -> list[_Mark]:
    """The names of one labelled part; a word such as 配合 tells all names back to the last such word."""
    found: list[_Mark] = []
    waiting: list[_Mark] = []
    after_with = False
    for piece, joins in _pieces(text):
        if joins:
            _tell(waiting, role or LEAD, said=True)
            waiting.clear()
            after_with = True
        name, told, alone = _verb(piece)
        mark = _mark(name, found)
        if mark:
            found.append(mark)
            if alone:
                mark.role, mark.said = told, True
            else:
                waiting.append(mark)
        if told and not alone:
            _tell(waiting, JOINT if after_with and told == LEAD else told, said=told == LEAD and "头" in piece)
            waiting.clear()
            after_with = False
    _tell(waiting, JOINT if after_with else role, said=role is not None)
    return found


def _tell(waiting: list[_Mark], role: str | None, *, said: bool) -> None:
    for mark in waiting:
        mark.role, mark.said = role, said


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The words between separators, and whether 会同 stands before them."""
    text = _PAIR.sub(rf"\1{_GLUE}", text)
    for part in _SEPARATOR.split(text):
        for name in _unbroken(part):
            for index, words in enumerate(_WITH.split(name)):
                for word in _AND.split(words):
                    if word:
                        yield word, index > 0 and words.startswith(word)


def _unbroken(part: str) -> list[str]:
    """The names a run of blanks or line breaks sets apart; a name broken over two lines is one.

    >>> _unbroken("县市场监\\n督管理局  县发改局"), _unbroken("办 公 室")
    (['县市场监督管理局', '县发改局'], ['办公室'])
    >>> _unbroken("General Office")
    ['General Office']
    """
    names: list[str] = []
    for word in part.split():
        broken = names and not _UNIT_END.search(names[-1]) and not _NEW_NAME.match(word)
        if names and _is_latin(names[-1][-1]) and _is_latin(word[0]):
            names[-1] += f" {word}"
        elif names and (broken or len(names[-1]) == 1 or len(word) == 1):
            names[-1] += word
        else:
            names.append(word)
    return names


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


def in_chinese(text: str) -> str:
    """The words without the English that repeats the Chinese before it.

    >>> in_chinese("投资促进局 Investment Promotion Bureau、财政局"), in_chinese("General Office")
    ('投资促进局、财政局', 'General Office')
    """
    return _TRANSLATION.sub("", text) if _LATIN.search(text) else text


def _verb(piece: str) -> tuple[str, str | None, bool]:
    """The name without its role word, the role, and whether the word stands in brackets for this name alone."""
    bracketed = _BRACKETED.search(piece)
    found = bracketed or _VERB.search(piece)
    if not found:
        return piece, None, False
    name = piece[: found.start()]
    if found[1] in _DOING:
        return name, None, False
    shared = JOINT if not bracketed and "共同" in found[0] and _role(found[1]) == LEAD else _role(found[1])
    return name, shared, bool(bracketed)


def _role(word: str) -> str:
    if word in {"会同", "共同负责", "共同"}:
        return JOINT
    if word.endswith(("牵头", "主办", "负责")):
        return LEAD
    return SUPPORT


def _mark(name: str, found: list[_Mark]) -> _Mark | None:
    """A new name, or None where the words only leave the list before them open."""
    name = name.strip(" 由:：").lstrip(_SPECIAL)
    if not set(name) - _NOTHING:
        return None
    loose = name.replace(_GLUE, "、")
    follows_open = bool(found) and found[-1].open_ended and _LOOSE_END.match(name)
    if found and (follows_open or _OPEN_ALONE.match(name)):
        found[-1].open_ended = True
        return None
    tail = _OPEN_END.match(name)
    if tail:
        return _Mark(tail[1], open_ended=True)
    return _Mark(name, open_ended=_kind(loose) == GROUP and ("有关" in name or "相关" in name))


def first_leads(text: str) -> bool:
    """Whether a line states for the whole document that the unit named first leads (第一责任单位为牵头单位).

    >>> first_leads("注：第一责任单位为牵头单位，下同"), first_leads("牵头单位")
    (True, False)
    """
    return bool(_FIRST.search(text))


def _kind(name: str) -> str:
    return GROUP if _GROUP.search(name) else UNIT
