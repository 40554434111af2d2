"""盲评: what a second reviewer (复评人) is not shown before its second scores stand.

Not the first score, what was said about it, nor any sum it is in: of such a round the result pages stay closed, the
review desk and the lists go without the drawn items, and an item's own page shows what the unit filled in alone.
"""

from django.db.models import QuerySet

from assessments.models import Entry, Round, SecondReview
from units.models import User


def entries(person: User) -> QuerySet[Entry]:
    """The drawn entries whose first score the person may not see yet; empty for who owes no second score."""
    return Entry.objects.filter(pk__in=SecondReview.objects.owed_by(person).values("entry"))


def owed(person: User, *rounds: Round) -> int:
    """How many second scores the person still owes in these rounds; as long as there are any, their sums are closed."""
    return SecondReview.objects.owed_by(person).filter(sample__round__in=rounds).count()
