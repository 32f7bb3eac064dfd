"""Accounts: amounts, postings, statements, interest."""

LEDGER = {
    "README.md": "# ledger\n\n`money` reads and writes amounts in cents, `book` posts them, `report` sums up.\n",
    "ledger/__init__.py": '"""Accounts in whole cents."""\n',
    "ledger/money.py": '''"""Amounts as whole cents."""


def parse(text):
    """Cents of a text such as "12.50", "-3" or "1,200.05"."""
    text = text.strip().replace(",", "")
    negative = text.startswith("-")
    whole, _, part = text.lstrip("-").partition(".")
    if not whole.isdigit() or (part and not part.isdigit()) or len(part) > 2:
        raise ValueError(f"no amount: {text!r}")
    cents = int(whole) * 100 + int(part.ljust(2, "0") or 0)
    return -cents if negative else cents


def show(cents):
    """A text such as "1,200.05" for cents."""
    sign = "-" if cents < 0 else ""
    whole, part = divmod(abs(cents), 100)
    return f"{sign}{whole:,}.{part:02d}"


def split(cents, shares):
    """Splits an amount into equal shares; the first ones take the cents that are left over."""
    if shares < 1:
        raise ValueError("at least one share")
    each, left = divmod(cents, shares)
    return [each + 1 if position < left else each for position in range(shares)]
''',
    "ledger/book.py": '''"""Postings between accounts."""


class Overdrawn(Exception):
    """An account that would fall below its limit."""


class Book:
    """Balances of accounts by name; each account may have a credit limit."""

    def __init__(self):
        self.balances = {}
        self.limits = {}
        self.postings = []

    def open(self, name, limit=0):
        if name in self.balances:
            raise KeyError(f"{name} is open already")
        self.balances[name] = 0
        self.limits[name] = limit

    def deposit(self, name, cents):
        if cents <= 0:
            raise ValueError("a deposit is more than nothing")
        self.balances[name] += cents
        self.postings.append((None, name, cents))

    def transfer(self, source, target, cents):
        if cents <= 0:
            raise ValueError("a transfer is more than nothing")
        if target not in self.balances:
            raise KeyError(target)
        if self.balances[source] - cents < -self.limits[source]:
            raise Overdrawn(source)
        self.balances[source] -= cents
        self.balances[target] += cents
        self.postings.append((source, target, cents))
''',
    "ledger/report.py": '''"""Statements and interest."""

from ledger.money import show


def statement(book, name):
    """One line a posting of an account, with the balance after it."""
    balance = 0
    lines = []
    for source, target, cents in book.postings:
        if name not in (source, target):
            continue
        change = cents if target == name else -cents
        balance += change
        lines.append(f"{show(change):>10} {show(balance):>10}")
    return lines


def interest(cents, percent, years):
    """What an amount grows to, with interest added each year and cents rounded down."""
    for _ in range(years):
        cents += cents * percent // 100
    return cents


def largest(book, count=3):
    """The accounts with the highest balances, highest first, equal ones by name."""
    order = sorted(book.balances, key=lambda name: (-book.balances[name], name))
    return order[:count]
''',
    "tests/__init__.py": "",
    "tests/test_money.py": """import unittest

from ledger.money import parse, show, split


class TestMoney(unittest.TestCase):
    def test_parse(self):
        self.assertEqual(parse("12.50"), 1250)
        self.assertEqual(parse("-3"), -300)

    def test_show(self):
        self.assertEqual(show(120005), "1,200.05")

    def test_split(self):
        self.assertEqual(split(100, 3), [34, 33, 33])
""",
    "tests/test_book.py": """import unittest

from ledger.book import Book, Overdrawn
from ledger.report import interest, largest, statement


class TestBook(unittest.TestCase):
    def setUp(self):
        self.book = Book()
        self.book.open("a", limit=50)
        self.book.open("b")
        self.book.deposit("a", 100)

    def test_transfer(self):
        self.book.transfer("a", "b", 120)
        self.assertEqual(self.book.balances, {"a": -20, "b": 120})

    def test_limit(self):
        with self.assertRaises(Overdrawn):
            self.book.transfer("b", "a", 1)
        self.book.transfer("a", "b", 150)

    def test_statement(self):
        self.book.transfer("a", "b", 30)
        self.assertEqual([line.split() for line in statement(self.book, "a")], [["1.00", "1.00"], ["-0.30", "0.70"]])

    def test_interest(self):
        self.assertEqual(interest(10_000, 10, 2), 12_100)

    def test_largest(self):
        self.assertEqual(largest(self.book, 1), ["a"])
""",
    "hidden/test_more.py": """import unittest

from ledger.book import Book, Overdrawn
from ledger.money import parse, show, split
from ledger.report import interest, largest, statement


class TestMore(unittest.TestCase):
    def test_parse_more(self):
        self.assertEqual([parse(text) for text in ("1,200.05", "0.5", " 7 ", "-0.01")], [120005, 50, 700, -1])
        for text in ("1.234", "x", "1.x"):
            with self.assertRaises(ValueError):
                parse(text)

    def test_show_more(self):
        self.assertEqual([show(cents) for cents in (0, -5, 99, 100)], ["0.00", "-0.05", "0.99", "1.00"])
        self.assertEqual(show(-123456), "-1,234.56")

    def test_split_more(self):
        self.assertEqual(split(5, 5), [1] * 5)
        self.assertEqual(split(7, 1), [7])
        self.assertEqual(sum(split(1001, 4)), 1001)
        with self.assertRaises(ValueError):
            split(5, 0)

    def test_book_more(self):
        book = Book()
        book.open("a", limit=10)
        book.open("b")
        with self.assertRaises(KeyError):
            book.open("a")
        with self.assertRaises(ValueError):
            book.deposit("a", 0)
        book.deposit("a", 1)
        book.transfer("a", "b", 11)
        with self.assertRaises(Overdrawn):
            book.transfer("a", "b", 1)
        with self.assertRaises(ValueError):
            book.transfer("b", "a", 0)
        with self.assertRaises(KeyError):
            book.transfer("b", "c", 1)
        self.assertEqual(book.balances, {"a": -10, "b": 11})

    def test_report_more(self):
        book = Book()
        for name in "dcba":
            book.open(name)
            book.deposit(name, 500)
        book.deposit("c", 1)
        self.assertEqual(largest(book), ["c", "a", "b"])
        book.transfer("c", "d", 1)
        self.assertEqual(len(statement(book, "c")), 3)
        self.assertEqual(interest(999, 5, 0), 999)
        self.assertEqual(interest(999, 5, 3), 1155)
""",
}
