"""What the browser is given: vendored files as they came, nothing from outside or inline, readable colours."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import override_settings

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "config" / "static"
VENDOR = STATIC / "vendor"
CSS = sorted((STATIC / "css").glob("*.css"))
JS = sorted((STATIC / "js").glob("*.js"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
OWN = [*CSS, *JS, *TEMPLATES]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


# ---- vendored files ----------------------------------------------------------------------------


def listed() -> dict[str, str]:
    lines = (VENDOR / "CHECKSUMS").read_text().splitlines()
    pairs = (line.split(maxsplit=1) for line in lines if not line.startswith("#"))
    return {name: digest for digest, name in pairs}


def test_every_vendored_file_is_the_one_whose_checksum_is_written_down() -> None:
    here = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "CHECKSUMS"
    }
    assert here == listed()


def test_every_vendored_package_names_its_version_and_carries_its_licence() -> None:
    folders = [path for path in VENDOR.iterdir() if path.is_dir()]
    assert len(folders) == 3
    for folder in folders:
        assert re.fullmatch(r"[a-z-]+-\d+\.\d+\.\d+", folder.name)
        assert (folder / "LICENSE").read_text().strip()


def test_every_icon_a_page_asks_for_stands_in_the_sprite() -> None:
    sprite = (VENDOR / "bootstrap-icons-1.13.1" / "sprite.svg").read_text()
    there = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    asked = {
        icon
        for path in TEMPLATES
        for icon in re.findall(r'_icon\.html" with name="([^"]+)"', path.read_text())
        + re.findall(r'\bicon="([^"]+)"', path.read_text())
    }
    assert asked
    assert asked <= there


def test_static_files_survive_being_renamed_by_their_content(tmp_path: Path) -> None:
    hashed = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    with override_settings(STATIC_ROOT=tmp_path, STORAGES={"staticfiles": hashed}):
        call_command("collectstatic", interactive=False, verbosity=0)
    manifest = (tmp_path / "staticfiles.json").read_text()
    for path in [*CSS, *JS]:
        assert f'"{path.relative_to(STATIC)}"' in manifest
    assert '"django_htmx/htmx-2.min.js"' in manifest


# ---- content policy ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", OWN, ids=name_of)
def test_nothing_is_loaded_from_outside(path: Path) -> None:
    outside = r"""(?:src|href|action)=["']?(?:https?:)?//|url\(["']?(?:https?:)?//|@import|fetch\(["']https?:"""
    assert re.findall(outside, path.read_text()) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_page_has_no_script_or_style_of_its_own(path: Path) -> None:
    text = path.read_text()
    assert re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", text) == []
    assert re.findall(r"<style\b", text) == []
    assert re.findall(r"<[^>]*\s(?:style|on[a-z]+)=", re.sub(r"{%.*?%}", "", text)) == []
    assert "javascript:" not in text


@pytest.mark.parametrize("path", CSS, ids=name_of)
def test_styles_keep_to_what_office_browsers_know(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    newer = r":has\(|color-mix|oklch|@container|@layer|@scope|&[\s.:>\[]|\d[dsl]v[hw]\b|subgrid|text-wrap"
    later = r"@media[^{]*[<>]|[;{]\s*(?:rotate|scale|translate):|:user-(?:in)?valid"
    assert re.findall(rf"{newer}|{later}|sourceMappingURL|url\([\"']?data:", text) == []


@pytest.mark.parametrize("path", JS, ids=name_of)
def test_scripts_keep_to_what_office_browsers_and_the_content_policy_allow(path: Path) -> None:
    newer = (
        r"\.at\(-?\d|\.to(?:Sorted|Reversed|Spliced)\(|\.findLast|\.groupBy|structuredClone|Object\.hasOwn\b"
        r"|AbortSignal\.(?:timeout|any)|withResolvers|checkVisibility|showPicker|showPopover|\bstatic \{|#\w+ in "
    )
    refused = r"\beval\(|new Function|innerHTML|sourceMappingURL"
    assert re.findall(f"{newer}|{refused}", path.read_text()) == []


@pytest.mark.parametrize("path", [*CSS, *JS, *TEMPLATES], ids=name_of)
def test_no_file_of_ours_is_longer_than_a_person_reads(path: Path) -> None:
    most = 300 if path.suffix == ".js" else 400
    assert len(path.read_text().splitlines()) <= most


# ---- colours -----------------------------------------------------------------------------------

THEMES = {"standard": ":root", "high contrast": 'html[data-contrast="high"]', "projector": "html[data-wall]"}

# What is written on what. --on-brand stands on buttons, --on-head on the bar, white on the seal's red.
WRITTEN = [
    ("ink", "ground"),
    ("ink", "paper"),
    ("ink", "shade"),
    ("ink", "level"),
    ("ink", "hover"),
    ("ink", "yellow-soft"),
    ("ink", "red-soft"),
    ("ink", "green-soft"),
    ("ink", "brand-soft"),
    ("quiet", "ground"),
    ("quiet", "paper"),
    ("quiet", "shade"),
    ("quiet", "level"),
    ("quiet", "yellow-soft"),
    ("brand", "paper"),
    ("brand", "ground"),
    ("brand", "hover"),
    ("brand-deep", "brand-soft"),
    ("brand-deep", "paper"),
    ("red", "paper"),
    ("red", "ground"),
    ("red", "level"),
    ("red", "hover"),
    ("red", "red-soft"),
    ("red", "yellow-soft"),
    ("yellow", "paper"),
    ("yellow", "hover"),
    ("yellow", "yellow-soft"),
    ("green", "paper"),
    ("green", "level"),
    ("green", "hover"),
    ("green", "green-soft"),
    ("green", "yellow-soft"),
    ("violet", "violet-soft"),
    ("grey-ink", "grey-soft"),
    ("on-brand", "brand"),
    ("on-brand", "brand-deep"),
    ("on-head", "head"),
    ("on-head", "head-here"),
    *(("heat-ink", f"heat-{step}") for step in range(1, 8)),
]


def declared(selector: str) -> dict[str, str]:
    text = re.sub(r"/\*.*?\*/", "", (STATIC / "css" / "theme.css").read_text(), flags=re.DOTALL)
    block = re.search(re.escape(selector) + r"\s*\{([^}]*)\}", text)
    assert block
    return dict(re.findall(r"--([a-z0-9-]+):\s*([^;]+);", block[1]))


def colours(theme: str) -> dict[str, str]:
    names = {**declared(":root"), **declared(THEMES[theme])}

    def settle(value: str) -> str:
        other = re.fullmatch(r"var\(--([a-z0-9-]+)\)", value)
        return settle(names[other[1]]) if other else value

    return {name: settle(value) for name, value in names.items() if not name.startswith("bs-")}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def pairs() -> Iterator[tuple[str, str, str]]:
    for theme in THEMES:
        for ink, ground in WRITTEN:
            yield theme, ink, ground


def test_black_on_white_is_twenty_one_to_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize(("theme", "ink", "ground"), list(pairs()))
def test_words_can_be_read_on_what_they_stand_on(theme: str, ink: str, ground: str) -> None:
    names = colours(theme)
    assert contrast(names[ink], names[ground]) >= 4.5


@pytest.mark.parametrize("ink", ["ink", "quiet", "red", "yellow", "green", "violet", "brand"])
def test_high_contrast_reaches_seven_to_one_on_paper(ink: str) -> None:
    names = colours("high contrast")
    assert contrast(names[ink], names["paper"]) >= 7


@pytest.mark.parametrize("theme", THEMES)
def test_the_edge_of_a_field_can_be_seen(theme: str) -> None:
    names = colours(theme)
    assert contrast(names["field-line"], names["paper"]) >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_the_heat_map_runs_in_lightness_as_well_as_in_hue(theme: str) -> None:
    names = colours(theme)
    light = [luminance(names[f"heat-{step}"]) for step in range(1, 8)]
    assert light in (sorted(light), sorted(light, reverse=True))
    assert len(set(light)) == 7


def test_the_seals_red_carries_white_words() -> None:
    assert contrast("#ffffff", colours("standard")["seal"]) >= 4.5


# ---- pages and components ----------------------------------------------------------------------


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)).strip()


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "500", "503"])
def test_an_error_page_needs_no_request_and_says_what_happened_what_is_kept_and_what_to_do(code: str) -> None:
    said = words(render_to_string(f"{code}.html"))
    for heading in ("发生了什么", "已填的内容", "怎么办"):
        assert heading in said


def test_the_login_page_tells_the_rules_before_the_fields_and_offers_no_sign_up() -> None:
    page = render_to_string("registration/login.html")
    assert page.index("锁定 15 分钟") < page.index('name="username"') < page.index('name="password"')
    assert "不能自行注册" in page


def test_the_login_page_says_how_long_an_account_is_locked() -> None:
    page = render_to_string("registration/login.html", {"lockout": "账号已锁定，10:52 自动解锁"})
    assert 'role="alert"' in page
    assert "账号已锁定，10:52 自动解锁" in page


def test_points_that_differ_show_declared_listed_and_the_difference() -> None:
    line = render_to_string("components/_points.html", {"declared": "5.5", "listed": "5", "difference": "0.5"})
    assert words(line) == "5.5 分 · 下级合计 5 · 差 0.5"


def test_points_that_agree_say_so_with_a_mark_and_in_words() -> None:
    line = render_to_string("components/_points.html", {"declared": "1", "listed": "1"})
    assert words(line) == "1 分 ✓与下级合计相符"


def test_points_nobody_declared_show_only_the_sum() -> None:
    assert words(render_to_string("components/_points.html", {"listed": "3"})) == "未标分值 · 下级合计 3"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"role": "lead"}, "监察处"),
        ({"role": "joint"}, "会同监察处"),
        ({"role": "support", "open_ended": True}, "配合监察处等"),
        ({"inferred": True}, "监察处（推定）"),
        ({"unknown": True}, "监察处（未识别）"),
    ],
)
def test_a_unit_chip_says_its_part_in_words_not_only_in_colour(given: dict[str, object], said: str) -> None:
    assert words(render_to_string("components/_chip.html", {"name": "监察处", **given})) == said


def test_what_a_person_typed_is_shown_as_text_everywhere() -> None:
    hostile = "<img src=x>"
    for template, given in [
        ("_chip", {"name": hostile}),
        ("_strip", {"text": hostile}),
        ("_state", {"word": hostile}),
        ("_empty", {"title": hostile}),
        ("_stat", {"label": hostile, "value": hostile}),
    ]:
        assert "<img" not in render_to_string(f"components/{template}.html", given)
