"""Addresses of rounds, sheets and boards."""

from django.urls import path

from assessments.views import boards, desk, evidence, lateness, objections, review, rounds, sheets, support, worklist

urlpatterns = [
    path("desk/", desk.desk_page, name="desk"),
    path("results/", desk.results_page, name="results"),
    path("rounds/", rounds.rounds_page, name="rounds"),
    path("rounds/new/<int:ledger_pk>/", rounds.round_new, name="round_new"),
    path("rounds/<int:pk>/", rounds.round_page, name="round"),
    path("rounds/<int:pk>/open/", rounds.round_open, name="round_open"),
    path("rounds/<int:pk>/advance/", rounds.round_advance, name="round_advance"),
    path("rounds/<int:pk>/publish/", rounds.round_publish, name="round_publish"),
    path("rounds/<int:round_pk>/late/", lateness.late_grant, name="late_grant"),
    path("late/<int:pk>/", lateness.late_change, name="late_change"),
    path("late/<int:pk>/withdraw/", lateness.late_withdraw, name="late_withdraw"),
    path("sheets/<int:pk>/", sheets.sheet_page, name="sheet"),
    path("sheets/<int:pk>/adjust/", sheets.sheet_adjust, name="sheet_adjust"),
    path("worklist/", worklist.worklist_page, name="worklist"),
    path("worklist/<int:round_pk>/", worklist.worksheet_page, name="worksheet"),
    path("worklist/<int:round_pk>/submit/", worklist.worksheet_submit, name="worksheet_submit"),
    path("worklist/<int:round_pk>/objections/", objections.unit_objections, name="unit_objections"),
    path("entries/<int:pk>/support/", support.support_page, name="support"),
    path("entries/<int:pk>/notes/", support.note_add, name="note_add"),
    path("entries/<int:pk>/", evidence.entry_page, name="entry"),
    path("entries/<int:pk>/save/", worklist.entry_save, name="entry_save"),
    path("entries/<int:pk>/evidence/", evidence.evidence_add, name="evidence_add"),
    path("entries/<int:pk>/objection/", objections.objection_file, name="objection_file"),
    path("evidence/<int:pk>/", evidence.evidence_download, name="evidence_download"),
    path("evidence/<int:pk>/remove/", evidence.evidence_remove, name="evidence_remove"),
    path("reviews/", review.reviews_page, name="reviews"),
    path("reviews/<int:round_pk>/", review.review_page, name="review"),
    path("reviews/<int:round_pk>/accept/", review.review_accept, name="review_accept"),
    path("reviews/<int:round_pk>/objections/", objections.objections_page, name="objections"),
    path("objections/<int:pk>/", objections.objection_page, name="objection"),
    path("objections/<int:pk>/answer/", objections.objection_answer, name="objection_answer"),
    path("reviews/entries/<int:pk>/", review.review_entry, name="review_entry"),
    path("boards/", boards.boards_page, name="boards"),
    path("boards/<int:round_pk>/", boards.board_page, name="board"),
    path("boards/<int:round_pk>/items/", boards.board_items, name="board_items"),
]
