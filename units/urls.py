"""Routes of the way in, units, groups, accounts, audit, jobs and health."""

from django.urls import path

from units.views import accounts, entrance, groups, health, jobs, trail, units

urlpatterns = [
    path("", entrance.home, name="home"),
    path("login/", entrance.login, name="login"),
    path("logout/", entrance.logout, name="logout"),
    path("text-size/", entrance.text_size, name="text_size"),
    path("password/", entrance.password_change, name="password_change"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("units/", units.units, name="units"),
    path("units/add/", units.unit_add, name="unit_add"),
    path("units/<int:pk>/", units.unit, name="unit"),
    path("units/<int:pk>/rename/", units.unit_rename, name="unit_rename"),
    path("units/<int:pk>/class/", units.unit_classify, name="unit_classify"),
    path("units/<int:pk>/aliases/", units.alias_add, name="alias_add"),
    path("units/aliases/<int:pk>/remove/", units.alias_remove, name="alias_remove"),
    path("units/<int:pk>/move/", units.unit_move, name="unit_move"),
    path("units/<int:pk>/shift/", units.unit_shift, name="unit_shift"),
    path("units/<int:pk>/abolish/", units.unit_abolish, name="unit_abolish"),
    path("units/<int:pk>/restore/", units.unit_restore, name="unit_restore"),
    path("groups/", groups.groups, name="groups"),
    path("groups/add/", groups.group_add, name="group_add"),
    path("groups/<int:pk>/", groups.group, name="group"),
    path("groups/<int:pk>/remove/", groups.group_remove, name="group_remove"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/add/", accounts.account_add, name="account_add"),
    path("accounts/<int:pk>/", accounts.account, name="account"),
    path("accounts/<int:pk>/role/", accounts.account_role, name="account_role"),
    path("accounts/<int:pk>/disable/", accounts.account_disable, name="account_disable"),
    path("accounts/<int:pk>/enable/", accounts.account_enable, name="account_enable"),
    path("accounts/<int:pk>/unlock/", accounts.account_unlock, name="account_unlock"),
    path("accounts/<int:pk>/reset/", accounts.account_reset, name="account_reset"),
    path("permissions/", accounts.permissions, name="permissions"),
    path("audit/", trail.audit, name="audit"),
    path("audit/export/", trail.audit_export, name="audit_export"),
    path("audit/check/", trail.audit_check, name="audit_check"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
]
