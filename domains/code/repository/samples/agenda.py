"""Agendas: spans of time, free slots, repeated events."""

AGENDA = {
    "README.md": "# agenda\n\n`spans` compares minutes of a day, `slots` finds free ones, `repeat` repeats events.\n",
    "agenda/__init__.py": '"""Spans of time in whole minutes."""\n',
    "agenda/spans.py": '''"""Spans: (start, end) in minutes, the end not included."""


def minutes(text):
    """Minutes of a time such as "09:30"."""
    hours, _, rest = text.partition(":")
    total = int(hours) * 60 + int(rest or 0)
    if not 0 <= total <= 24 * 60:
        raise ValueError(f"no time of a day: {text}")
    return total


def overlap(one, other):
    """How many minutes two spans share."""
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


def merged(spans):
    """Spans joined where they touch or overlap, in order."""
    joined = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def total(spans):
    """Minutes that spans cover, shared ones counted once."""
    return sum(end - start for start, end in merged(spans))
''',
    "agenda/slots.py": '''"""Free time between events."""

from agenda.spans import merged


def free(busy, day):
    """The spans of a day that no event takes."""
    found = []
    start = day[0]
    for begin, end in merged(busy):
        if begin > start:
            found.append((start, min(begin, day[1])))
        start = max(start, end)
        if start >= day[1]:
            return found
    found.append((start, day[1]))
    return found


def first_slot(busy, day, length):
    """The first free span of a length, or None."""
    for start, end in free(busy, day):
        if end - start >= length:
            return start, start + length
    return None


def common(calendars, day, length):
    """The first span of a length at which nobody is busy, or None."""
    everyone = [span for spans in calendars.values() for span in spans]
    return first_slot(everyone, day, length)
''',
    "agenda/repeat.py": '''"""Events that repeat, by day numbers."""


def days(start, every, count=None, until=None):
    """Day numbers of an event: every so many days, so many times, or to a last day included."""
    if every < 1:
        raise ValueError("every is at least 1")
    if count is None and until is None:
        raise ValueError("an event that never ends")
    found = []
    day = start
    while (count is None or len(found) < count) and (until is None or day <= until):
        found.append(day)
        day += every
    return found


def skipping(numbers, holidays):
    """Day numbers with those that fall on a holiday moved to the next day that is none and not taken."""
    taken = []
    for day in numbers:
        while day in holidays or day in taken:
            day += 1
        taken.append(day)
    return taken
''',
    "tests/__init__.py": "",
    "tests/test_spans.py": """import unittest

from agenda.spans import merged, minutes, overlap, total


class TestSpans(unittest.TestCase):
    def test_minutes(self):
        self.assertEqual(minutes("09:30"), 570)

    def test_overlap(self):
        self.assertEqual(overlap((0, 10), (5, 20)), 5)

    def test_merged(self):
        self.assertEqual(merged([(5, 8), (0, 6)]), [(0, 8)])

    def test_total(self):
        self.assertEqual(total([(0, 10), (5, 12), (20, 21)]), 13)
""",
    "tests/test_slots.py": """import unittest

from agenda.repeat import days, skipping
from agenda.slots import common, first_slot, free


class TestSlots(unittest.TestCase):
    def test_free(self):
        self.assertEqual(free([(60, 90), (120, 130)], (0, 200)), [(0, 60), (90, 120), (130, 200)])

    def test_first_slot(self):
        self.assertEqual(first_slot([(0, 30), (40, 50)], (0, 100), 20), (50, 70))

    def test_common(self):
        self.assertEqual(common({"a": [(0, 30)], "b": [(30, 60)]}, (0, 100), 40), (60, 100))

    def test_days(self):
        self.assertEqual(days(1, 7, count=3), [1, 8, 15])
        self.assertEqual(days(1, 2, until=5), [1, 3, 5])

    def test_skipping(self):
        self.assertEqual(skipping([1, 2], {1}), [2, 3])
""",
    "hidden/test_more.py": """import unittest

from agenda.repeat import days, skipping
from agenda.slots import common, first_slot, free
from agenda.spans import merged, minutes, overlap, total


class TestMore(unittest.TestCase):
    def test_minutes_more(self):
        self.assertEqual([minutes(text) for text in ("0", "00:00", "24:00", "7:05")], [0, 0, 1440, 425])
        for text in ("24:01", "-1:00"):
            with self.assertRaises(ValueError):
                minutes(text)

    def test_overlap_more(self):
        self.assertEqual(overlap((0, 10), (10, 20)), 0)
        self.assertEqual(overlap((0, 10), (30, 40)), 0)
        self.assertEqual(overlap((0, 10), (2, 4)), 2)

    def test_merged_more(self):
        self.assertEqual(merged([(0, 5), (5, 6), (8, 9), (1, 2)]), [(0, 6), (8, 9)])
        self.assertEqual(merged([]), [])
        self.assertEqual(total([(3, 3)]), 0)

    def test_free_more(self):
        self.assertEqual(free([], (10, 20)), [(10, 20)])
        self.assertEqual(free([(0, 15)], (10, 20)), [(15, 20)])
        self.assertEqual(free([(10, 20)], (10, 20)), [])
        self.assertEqual(free([(12, 99)], (10, 20)), [(10, 12)])
        self.assertEqual(free([(30, 40)], (10, 20)), [(10, 20)])

    def test_slots_more(self):
        self.assertEqual(first_slot([(5, 10)], (0, 20), 5), (0, 5))
        self.assertIsNone(first_slot([(5, 15)], (0, 20), 6))
        self.assertIsNone(common({"a": [(0, 10)], "b": [(10, 20)]}, (0, 20), 1))

    def test_days_more(self):
        self.assertEqual(days(3, 5, count=9, until=13), [3, 8, 13])
        self.assertEqual(days(3, 5, count=0), [])
        with self.assertRaises(ValueError):
            days(1, 0, count=1)
        with self.assertRaises(ValueError):
            days(1, 1)

    def test_skipping_more(self):
        self.assertEqual(skipping([1, 2, 3], {2, 3}), [1, 4, 5])
        self.assertEqual(skipping([5], set()), [5])
""",
}
