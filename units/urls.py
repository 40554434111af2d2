"""Routes of the way in, units, accounts, audit and health."""

from django.urls import path

from units.views import entrance, health, jobs

urlpatterns = [
    path("", entrance.home, name="home"),
    path("login/", entrance.login, name="login"),
    path("logout/", entrance.logout, name="logout"),
    path("text-size/", entrance.text_size, name="text_size"),
    path("password/", entrance.password_change, name="password_change"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
