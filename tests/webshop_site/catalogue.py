"""What the shop sells: 200 products made from a seed, each with reviews."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

BRANDS = ("Aldwyne", "Brackelo", "Corrivale", "Dunlinne", "Eskette", "Fennock", "Gorsen", "Hathrel")
COLOURS = ("black", "blue", "cream", "green", "grey", "red", "white", "yellow")
MODELS = ("Auk", "Brant", "Crake", "Dipper", "Egret", "Finch", "Godwit", "Heron", "Ibis", "Jay")
STORES = ("Harbour Street", "Mill Lane", "Station Arcade")

# Kind: category, materials, sizes, their unit, lowest and highest price in pence.
_KINDS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...], str, int, int]] = {
    "kettle": ("Kitchen", ("steel", "glass", "enamel"), ("1.0", "1.2", "1.5", "1.7"), "litre", 1900, 7900),
    "frying pan": ("Kitchen", ("cast iron", "steel", "ceramic"), ("20", "24", "28", "32"), "cm", 1400, 6900),
    "teapot": ("Kitchen", ("porcelain", "stoneware", "glass"), ("0.6", "0.9", "1.2"), "litre", 1200, 4900),
    "chopping board": ("Kitchen", ("oak", "bamboo", "beech"), ("30", "38", "45"), "cm", 900, 3900),
    "coffee grinder": ("Kitchen", ("steel", "beech", "aluminium"), ("30", "60", "100"), "gram", 2400, 9900),
    "watering can": ("Garden", ("zinc", "copper", "recycled plastic"), ("2", "5", "9"), "litre", 800, 4500),
    "trowel": ("Garden", ("steel", "copper", "ash"), ("25", "30", "34"), "cm", 600, 2900),
    "plant pot": ("Garden", ("terracotta", "stoneware", "zinc"), ("12", "18", "26", "34"), "cm", 500, 3900),
    "bird feeder": ("Garden", ("steel", "larch", "glass"), ("0.4", "0.8", "1.3"), "litre", 900, 3400),
    "garden hose": ("Garden", ("rubber", "woven"), ("10", "20", "30"), "metre", 1600, 6900),
    "desk lamp": ("Home", ("brass", "oak", "steel"), ("35", "42", "55"), "cm", 2500, 9900),
    "blanket": ("Home", ("wool", "cotton", "fleece"), ("130", "150", "180"), "cm", 1900, 8900),
    "wall clock": ("Home", ("oak", "steel", "slate"), ("22", "28", "35"), "cm", 1500, 6500),
    "cushion": ("Home", ("linen", "velvet", "wool"), ("40", "45", "50"), "cm", 1100, 3900),
    "picture frame": ("Home", ("oak", "brass", "walnut"), ("15", "20", "30"), "cm", 700, 3500),
    "rucksack": ("Outdoor", ("canvas", "nylon", "waxed cotton"), ("18", "24", "32", "45"), "litre", 2900, 12900),
    "tent": ("Outdoor", ("nylon", "canvas"), ("1", "2", "3", "4"), "person", 7900, 29900),
    "flask": ("Outdoor", ("steel", "titanium"), ("0.5", "0.75", "1.0"), "litre", 1400, 5900),
    "torch": ("Outdoor", ("aluminium", "rubber"), ("200", "400", "900"), "lumen", 1200, 6900),
    "sleeping mat": ("Outdoor", ("foam", "nylon"), ("2", "5", "8"), "cm", 1900, 9900),
}
CATEGORIES = tuple(dict.fromkeys(kind[0] for kind in _KINDS.values()))

_GOOD = ("Just what I was looking for.", "Feels solid and looks good.", "Better than the one it replaced.")
_FAIR = ("Does the job.", "Fine, though smaller than I thought.", "Good, but the parcel was late.")
_BAD = ("The handle came loose within a week.", "Not the colour in the picture.", "It scratches if you look at it.")
_WRITERS = ("Asa", "Bettina", "Corin", "Dilys", "Edda", "Fergal", "Gwen", "Hollis")


@dataclass(frozen=True, slots=True)
class Review:
    """One customer's opinion; `stars` from 1 to 5."""

    writer: str
    stars: int
    text: str


@dataclass(frozen=True, slots=True)
class Product:
    """Something for sale.

    Attributes:
        price: in pence; `was` is the price before the outlet's reduction, or the same.
        stock: pieces in each of STORES.
    """

    slug: str
    name: str
    kind: str
    category: str
    brand: str
    material: str
    size: str
    colours: tuple[str, ...]
    price: int
    was: int
    stock: tuple[int, ...]
    reviews: tuple[Review, ...]

    @property
    def stars(self) -> float:
        """The mean of its reviews, 0 without any."""
        return sum(review.stars for review in self.reviews) / len(self.reviews) if self.reviews else 0.0


@cache
def catalogue(seed: int = 0) -> tuple[Product, ...]:
    """The products of a seed: ten of each of twenty kinds."""
    draw = random.Random(f"webshop {seed}")
    return tuple(_product(draw, kind, model) for kind in _KINDS for model in MODELS)


def _product(draw: random.Random, kind: str, model: str) -> Product:
    category, materials, sizes, unit, low, high = _KINDS[kind]
    brand, material, size = draw.choice(BRANDS), draw.choice(materials), f"{draw.choice(sizes)} {unit}"
    was = draw.randrange(low, high, 5) // 10 * 10 + 9
    reduced = draw.random() < 0.15
    return Product(
        slug=f"{model}-{kind}".lower().replace(" ", "-"),
        name=f"{brand} {model} {material} {kind}, {size}",
        kind=kind,
        category=category,
        brand=brand,
        material=material,
        size=size,
        colours=tuple(sorted(draw.sample(COLOURS, draw.randint(2, 4)))),
        price=was * 3 // 4 if reduced else was,
        was=was,
        stock=tuple(draw.choice((0, 0, 3, 7, 12, 25)) for _ in STORES),
        reviews=tuple(_review(draw, writer) for writer in draw.sample(_WRITERS, draw.randint(0, 5))),
    )


def _review(draw: random.Random, writer: str) -> Review:
    stars = draw.choice((1, 2, 3, 4, 4, 5, 5))
    return Review(writer, stars, draw.choice(_GOOD if stars > 3 else _FAIR if stars == 3 else _BAD))
