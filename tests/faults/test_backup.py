"""A backup is the whole system: wiped and put back, nothing is lost and nothing differs."""

import zipfile
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from assessments.models import Phase
from tests.faults import world
from units import audit, backup, offices
from units.backup import guards, tables
from units.models import AuditEvent, Organisation

pytestmark = pytest.mark.django_db


def everything() -> dict[str, list[bytes]]:
    return {model._meta.label_lower: list(tables.lines(model)) for model in tables.models()}


def contents() -> dict[str, bytes]:
    found = {}
    for model in tables.models():
        for field in tables.files(model):
            for name in model._base_manager.exclude(**{field.name: ""}).values_list(field.name, flat=True):
                if default_storage.exists(name):
                    with default_storage.open(name) as file:
                        found[name] = file.read()
    return found


def wipe() -> None:
    with transaction.atomic(), guards.set_aside(tables.models()):
        guards.empty(tables.models())


@pytest.fixture
def office() -> world.World:
    return world.build(lambda words: f"{words}甲", "甲密")


@pytest.fixture
def kept(office: world.World, tmp_path: Path) -> Path:
    path = tmp_path / "all.backup"
    call_command("backup", path, stdout=StringIO(), stderr=StringIO())
    return path


def test_backup_wipe_restore_gives_every_row_and_every_file_as_it_was(office: world.World, kept: Path) -> None:
    rows, files = everything(), contents()
    assert sum(map(len, rows.values())) > 100
    assert files
    wipe()
    for name in files:
        default_storage.delete(name)
    assert not Organisation.objects.exists()
    call_command("restore", kept, stdout=StringIO())
    assert everything() == rows
    assert contents() == files


def test_seals_chains_and_trees_hold_after_a_restore(office: world.World, kept: Path) -> None:
    published = office.rounds[Phase.PUBLISHED]
    wipe()
    call_command("restore", kept, stdout=StringIO())
    call_command("verify_round", published.pk, stdout=StringIO())
    call_command("check_trees", stdout=StringIO())
    for organisation in Organisation.objects.all():
        assert audit.verify(organisation) is None


def test_a_system_with_rows_is_refused_unless_forced(office: world.World, kept: Path) -> None:
    rows = everything()
    offices.add_unit(office.who.organisation, "后来的局", by=None)
    with pytest.raises(CommandError, match="--force"):
        call_command("restore", kept)
    assert office.who.organisation.units.filter(name="后来的局").exists()
    call_command("restore", kept, force=True, stdout=StringIO())
    assert everything() == rows


def test_after_a_restore_new_rows_get_new_numbers_and_the_audit_still_only_grows(
    office: world.World, kept: Path
) -> None:
    wipe()
    call_command("restore", kept, stdout=StringIO())
    unit = offices.add_unit(Organisation.objects.get(pk=office.who.organisation.pk), "新局", by=None)
    assert unit.pk > 0
    if connection.vendor == "postgresql":
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            AuditEvent.objects.update(actor_name="另一个人")


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9])
def test_a_damaged_backup_is_refused_and_nothing_changes(office: world.World, kept: Path, at: float) -> None:
    rows = everything()
    content = bytearray(kept.read_bytes())
    content[int(len(content) * at)] ^= 0xFF
    kept.write_bytes(bytes(content))
    with pytest.raises(CommandError, match="没有恢复"):
        call_command("restore", kept, force=True)
    assert everything() == rows


def test_a_cut_off_file_or_any_other_file_is_refused(office: world.World, kept: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    cut.write_bytes(kept.read_bytes()[:-100])
    (tmp_path / "words").write_text("不是备份")
    for path in (cut, tmp_path / "words"):
        with pytest.raises(CommandError, match="没有恢复"):
            call_command("restore", path, force=True)
    with pytest.raises(CommandError):
        call_command("restore", tmp_path / "none", force=True)


def test_a_backup_whose_entries_say_they_have_a_password_is_refused(office: world.World, kept: Path) -> None:
    content = bytearray(kept.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(mark, at + 4)
    kept.write_bytes(bytes(content))
    with pytest.raises(CommandError, match="没有恢复"):
        call_command("restore", kept, force=True)


def test_a_part_that_was_changed_added_or_left_out_is_noticed(office: world.World, kept: Path, tmp_path: Path) -> None:
    def again(change: Any) -> Path:
        path = tmp_path / "changed"
        with zipfile.ZipFile(kept) as old, zipfile.ZipFile(path, "w") as new:
            for info in old.infolist():
                content = change(info.filename, old.read(info))
                if content is not None:
                    new.writestr(info.filename, content)
        return path

    units = "tables/units.unit.jsonl"
    for change in (
        lambda name, content: content.replace("甲".encode(), "乙".encode()) if name == units else content,
        lambda name, content: None if name == units else content,
    ):
        with pytest.raises(CommandError, match="没有恢复"):
            call_command("restore", again(change), force=True)
    more = again(lambda _, content: content)
    with zipfile.ZipFile(more, "a") as file:
        file.writestr("files/../../outside", b"x")
    with pytest.raises(CommandError, match="没有恢复"):
        call_command("restore", more, force=True)


def test_a_backup_of_another_version_is_refused(
    office: world.World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old"
    with monkeypatch.context() as patch:
        patch.setattr("units.backup.saving.migrations", lambda: [["units", "0001_initial"]])
        backup.save(path)
    with pytest.raises(CommandError, match="另一个版本"):
        call_command("restore", path, force=True)


def test_a_backup_that_cannot_be_written_leaves_no_file(office: world.World, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="写不进去"):
        call_command("backup", tmp_path / "no" / "all.backup")
    assert list(tmp_path.rglob("*.backup*")) == []
