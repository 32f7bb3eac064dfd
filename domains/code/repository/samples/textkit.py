"""Text: wrapping, tables, templates, edit distance."""

TEXTKIT = {
    "README.md": "# textkit\n\n`wrap` breaks lines, `table` aligns columns, `fill` fills texts, `near` finds words.\n",
    "textkit/__init__.py": '"""Plain text."""\n',
    "textkit/wrap.py": '''"""Lines of a width."""


def wrap(text, width):
    """Lines of at most `width` characters, broken between words; longer words stand alone and are cut."""
    if width < 1:
        raise ValueError("width is at least 1")
    lines = []
    line = ""
    for word in text.split():
        while len(word) > width:
            if line:
                lines.append(line)
                line = ""
            lines.append(word[:width])
            word = word[width:]
        if not line:
            line = word
        elif len(line) + 1 + len(word) <= width:
            line += " " + word
        else:
            lines.append(line)
            line = word
    if line:
        lines.append(line)
    return lines


def centred(text, width, fill=" "):
    """A text in the middle; the odd character goes to the right."""
    left = max(0, width - len(text)) // 2
    right = max(0, width - len(text)) - left
    return fill * left + text + fill * right
''',
    "textkit/table.py": '''"""Columns of equal width."""


def table(rows, gap=2):
    """Rows of texts as aligned lines; numbers are aligned to the right."""
    if not rows:
        return []
    count = max(len(row) for row in rows)
    full = [list(row) + [""] * (count - len(row)) for row in rows]
    widths = [max(len(str(row[column])) for row in full) for column in range(count)]
    lines = []
    for row in full:
        cells = []
        for cell, width in zip(row, widths):
            text = str(cell)
            cells.append(text.rjust(width) if isinstance(cell, (int, float)) else text.ljust(width))
        lines.append((" " * gap).join(cells).rstrip())
    return lines
''',
    "textkit/fill.py": '''"""Templates with names in braces."""


class Missing(KeyError):
    """A name that has no value."""


def fill(template, values):
    """Puts values in the place of {name}; {{ and }} stand for braces; {name?text} is text where name has no value."""
    out = []
    position = 0
    while position < len(template):
        sign = template[position]
        if template[position : position + 2] in ("{{", "}}"):
            out.append(sign)
            position += 2
            continue
        if sign != "{":
            out.append(sign)
            position += 1
            continue
        end = template.find("}", position)
        if end < 0:
            raise ValueError("a brace that is not closed")
        name, mark, default = template[position + 1 : end].partition("?")
        if name in values:
            out.append(str(values[name]))
        elif mark:
            out.append(default)
        else:
            raise Missing(name)
        position = end + 1
    return "".join(out)
''',
    "textkit/near.py": '''"""How near words are."""


def distance(one, other):
    """The fewest letters to put in, take out or change."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        above = row
        row = [i]
        for j, right in enumerate(other, 1):
            change = above[j - 1] + (left != right)
            row.append(min(change, above[j] + 1, row[j - 1] + 1))
    return row[-1]


def nearest(word, words, limit=2):
    """The word of smallest distance, at most `limit`, the first one of several; None where all are farther."""
    best = None
    for candidate in words:
        far = distance(word, candidate)
        if far <= limit and (best is None or far < best[0]):
            best = (far, candidate)
    return best[1] if best else None
''',
    "tests/__init__.py": "",
    "tests/test_layout.py": """import unittest

from textkit.table import table
from textkit.wrap import centred, wrap


class TestLayout(unittest.TestCase):
    def test_wrap(self):
        self.assertEqual(wrap("the quick brown fox", 9), ["the quick", "brown fox"])

    def test_long_word(self):
        self.assertEqual(wrap("a abcdef", 4), ["a", "abcd", "ef"])

    def test_centred(self):
        self.assertEqual(centred("ab", 5, "."), ".ab..")

    def test_table(self):
        self.assertEqual(table([["name", "n"], ["x", 10]]), ["name  n", "x     10"])
""",
    "tests/test_words.py": """import unittest

from textkit.fill import Missing, fill
from textkit.near import distance, nearest


class TestWords(unittest.TestCase):
    def test_fill(self):
        self.assertEqual(fill("Dear {name}, {{ok}}", {"name": "Ann"}), "Dear Ann, {ok}")

    def test_default(self):
        self.assertEqual(fill("{a?none} {b}", {"b": 1}), "none 1")

    def test_missing(self):
        with self.assertRaises(Missing):
            fill("{x}", {})

    def test_distance(self):
        self.assertEqual(distance("kitten", "sitting"), 3)

    def test_nearest(self):
        self.assertEqual(nearest("tset", ["best", "test", "toast"]), "test")
""",
    "hidden/test_more.py": """import unittest

from textkit.fill import Missing, fill
from textkit.near import distance, nearest
from textkit.table import table
from textkit.wrap import centred, wrap


class TestMore(unittest.TestCase):
    def test_wrap_more(self):
        self.assertEqual(wrap("", 5), [])
        self.assertEqual(wrap("aa bb cc", 5), ["aa bb", "cc"])
        self.assertEqual(wrap("abcdefgh", 4), ["abcd", "efgh"])
        self.assertEqual(wrap("ab abcdefghi c", 3), ["ab", "abc", "def", "ghi", "c"])
        self.assertEqual(wrap("ab c", 1), ["a", "b", "c"])
        with self.assertRaises(ValueError):
            wrap("a", 0)

    def test_centred_more(self):
        self.assertEqual(centred("ab", 4), " ab ")
        self.assertEqual(centred("abc", 2), "abc")
        self.assertEqual(centred("", 3, "-"), "---")

    def test_table_more(self):
        self.assertEqual(table([]), [])
        self.assertEqual(table([[1, "a"], [200]], gap=1), ["  1 a", "200"])
        self.assertEqual(table([["a", "b", 1.5]], gap=3), ["a   b   1.5"])

    def test_fill_more(self):
        self.assertEqual(fill("{{}}", {}), "{}")
        self.assertEqual(fill("{a}{a}", {"a": 0}), "00")
        self.assertEqual(fill("{a?}", {}), "")
        with self.assertRaises(ValueError):
            fill("{a", {"a": 1})
        with self.assertRaises(Missing):
            fill("{a} {b}", {"a": 1})

    def test_distance_more(self):
        self.assertEqual([distance("", "abc"), distance("abc", ""), distance("abc", "abc")], [3, 3, 0])
        self.assertEqual(distance("flaw", "lawn"), 2)
        self.assertEqual(distance("ab", "ba"), 2)

    def test_nearest_more(self):
        self.assertIsNone(nearest("abc", ["xyz"]))
        self.assertEqual(nearest("abc", ["abcde", "abd"]), "abd")
        self.assertEqual(nearest("abc", ["abcde"]), "abcde")
        self.assertIsNone(nearest("abc", ["abcdef"]))
        self.assertIsNone(nearest("abc", []))
""",
}
