"""The demo's accounts open with the printed password for a year of demos, and after the next start for another."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from assessments import demo
from units import offices


@pytest.mark.django_db
def test_no_demo_password_has_to_be_changed_within_a_year_and_a_new_start_renews_it() -> None:
    word = "Yanshi-2026-x"
    organisation = offices.found(name=demo.NAME)
    demo._people(organisation, offices.add_units(organisation, ["办公室"], by=None), word)

    def first_page(username: str) -> str:
        client = Client()
        client.post("/login/", {"username": username, "password": word})
        return client.get("/").headers["Location"]

    with time_machine.travel(timezone.now() + timedelta(days=364), tick=False) as clock:
        assert (first_page("admin"), first_page("bgs-filler")) == ("/imports/", "/worklist/")
        clock.shift(timedelta(days=2))
        assert first_page("office") == "/password/"
        assert demo.load(word) is False
        assert first_page("office") == "/desk/"
