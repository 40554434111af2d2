"""The county department's filled sheet of 2022: 36 items, one score cell merged over items 20 to 22."""

from decimal import Decimal

from assessments.scoring.rollup import Item, Mark

ROOT, POWERS = 1000, 1001  # 行政权力运行, over items 20 to 23

# the two columns from top to bottom; "-" lies under the merged cell
WEIGHTS = [10, 4, 8, 8, 6, 2, *[1] * 8, *[2] * 5, 4, 1, 2, 1, 1, 2, 1, 1, 2, 4, 8, 5, 1, 2, 3, 4, 2]
SCORES = [
    *["5", "2", "4", "4", "6", "1", "1", "1", "1", "0", "0", "1", "1", "1", "1", "1", "1", "2", "1.5", "5.4", "-", "-"],
    *["1", "1", "1", "0.8", "0.8", "2", "2", "4", "2", "1", "2", "1", "4", "1"],
]

ITEMS = (
    Item(ROOT, None, None, False),
    Item(POWERS, ROOT, None, False),
    *(
        Item(number, POWERS if 20 <= number <= 23 else ROOT, Decimal(weight), True)
        for number, weight in enumerate(WEIGHTS, start=1)
    ),
)
MARKS = {
    number: Mark("scored", Decimal(score), (20, 21, 22) if number == 20 else ())
    for number, score in enumerate(SCORES, start=1)
    if score != "-"
}
