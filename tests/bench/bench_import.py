"""From upload to stored ledger: receiving with the guard, reading, confirming, storing; PostgreSQL, no queue."""

from io import BytesIO

from indicators import importing
from indicators.importing.choices import Choices, everything
from indicators.models import Indicator, Upload
from tests.bench.database import own_database
from tests.bench.measure import measure, show
from tests.ledger_files import ledger_file
from units import jobs, offices
from units.models import Organisation


def main() -> None:
    """150 and 2,000 rows, each time another file for the same organisation."""
    with own_database("import"):
        organisation = offices.found(name="示范机关")
        for rows, goal, times in ((150, 300, 15), (2000, 1000, 7)):
            files = iter([ledger_file(rows, title=f"第{turn}份{rows}项台账") for turn in range(times + 2)])
            label = f"import of {rows:,} rows, upload to stored"
            show(measure(label, goal, lambda given=files: _import(organisation, next(given)), times=times))
            ledger = organisation.ledgers.order_by("-pk")[0]
            assert Indicator.objects.filter(ledger=ledger).items().count() == rows


def _import(organisation: Organisation, content: bytes) -> None:
    upload = importing.receive(BytesIO(content), "台账.xlsx", organisation=organisation, by=None)
    jobs.run(upload.job_id or 0, importing.read_upload, before=importing.parse)
    upload = Upload.objects.get(pk=upload.pk)
    drafts = importing.unpack(upload.reading or {}).ledgers
    headings = tuple(importing.heading(draft, upload.name) for draft in drafts)
    job = importing.confirm(upload, Choices(headings, everything(importing.names(drafts).items())), by=None)
    jobs.run(job.pk, importing.store_upload)


if __name__ == "__main__":
    main()
