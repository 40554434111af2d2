"""Routes of the ledgers and of the import desk."""

from django.urls import path

from indicators.views import changes, desk, files, imports, indicators, ledgers, rules

urlpatterns = [
    path("ledgers/", ledgers.index, name="ledgers"),
    path("ledgers/new/", ledgers.begin, name="ledger_new"),
    path("ledgers/<int:pk>/", ledgers.ledger, name="ledger"),
    path("ledgers/<int:pk>/findings/", ledgers.findings, name="ledger_findings"),
    path("ledgers/<int:pk>/amendments/", ledgers.amendments, name="ledger_amendments"),
    path("ledgers/<int:pk>/file/", files.download, name="ledger_file"),
    path("ledgers/<int:pk>/print/", files.print_view, name="ledger_print"),
    path("ledgers/<int:pk>/publish/", ledgers.publish, name="ledger_publish"),
    path("ledgers/<int:pk>/new-version/", ledgers.new_version, name="ledger_new_version"),
    path("ledgers/<int:pk>/add/", indicators.add, name="indicator_add"),
    path("ledgers/indicators/<int:pk>/edit/", indicators.edit, name="indicator_edit"),
    path("ledgers/indicators/<int:pk>/move/", indicators.move, name="indicator_move"),
    path("ledgers/indicators/<int:pk>/retire/", indicators.retire, name="indicator_retire"),
    path("ledgers/indicators/<int:pk>/restore/", indicators.restore, name="indicator_restore"),
    path("ledgers/<int:pk>/rules/", rules.page, name="ledger_rules"),
    path("ledgers/indicators/<int:pk>/rules/add/", rules.add, name="indicator_rule_add"),
    path("ledgers/rules/<int:pk>/", rules.change, name="rule"),
    path("ledgers/rules/<int:pk>/refuse/", rules.refuse, name="rule_refuse"),
    path("imports/", imports.index, name="imports"),
    path("imports/receive/", imports.receive, name="import_receive"),
    path("imports/<int:pk>/", imports.upload, name="import"),
    path("imports/<int:pk>/confirm/", desk.confirm, name="import_confirm"),
    path("imports/<int:pk>/correct/", desk.correct, name="import_correct"),
    path("imports/<int:pk>/changes/<int:at>/<int:ledger_pk>/", changes.page, name="import_changes"),
    path("imports/<int:pk>/again/", imports.again, name="import_again"),
    path("imports/<int:pk>/discard/", imports.discard, name="import_discard"),
]
