"""An organisation with one account for every role, each of which can really sign in."""

from dataclasses import dataclass

from django.test import Client

from units.accounts import add_account
from units.models import UNIT_ROLES, Membership, Organisation, Role, Unit
from units.offices import add_units, found

PASSWORD = "Qingdan-2019-x"


@dataclass(frozen=True, slots=True)
class County:
    """Two units and everybody who works with them."""

    organisation: Organisation
    units: list[Unit]
    accounts: dict[str, Membership]

    def client(self, role: str) -> Client:
        """A browser in which the role has signed in."""
        client = Client(raise_request_exception=False)
        client.force_login(self.accounts[role].user, backend="django.contrib.auth.backends.ModelBackend")
        return client


def county(name: str = "会稽县人民政府", units: tuple[str, ...] = ("县民政局", "县人力资源和社会保障局")) -> County:
    """The organisation; user names are the roles, with the organisation's id behind every further one."""
    organisation = found(name=name)
    offices = add_units(organisation, units, by=None)
    accounts = {}
    for role in Role:
        unit = offices[0] if role in UNIT_ROLES else None
        username = f"{role}-{organisation.pk}"
        user, _ = add_account(organisation, username, role=role, unit=unit, password=PASSWORD, by=None)
        accounts[str(role)] = user.membership
    return County(organisation, offices, accounts)
