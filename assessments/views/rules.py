"""What an item's rules make of counts and ticks while they are typed; nothing is stored."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from assessments import ruled, visible, worksheet
from assessments.scoring.answers import BadAnswer, read
from units.access import Permission as P
from units.access import SignedIn, requires


@require_GET
@requires(P.FILL, P.REVIEW)
def entry_reckon(request: SignedIn, pk: int) -> HttpResponse:
    """One line of plain words: score and sentence, or what is wrong with what was typed."""
    entry = get_object_or_404(visible.entries(request), pk=pk)
    asked = ruled.of_entry(entry)
    typed = {name.removeprefix(f"e{pk}-"): value for name, value in request.GET.items()}
    try:
        words = worksheet.reckoned(entry, asked, read(asked, typed))  # type: ignore[arg-type]
    except BadAnswer as refusal:
        words = refusal.message
    return HttpResponse(words, content_type="text/plain; charset=utf-8")
