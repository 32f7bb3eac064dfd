"""Level 3: a plan over many pages, where what one page says decides what is done on another."""

from __future__ import annotations

from .task import ShopTask, basket, buy, cheapest, first, get, line, ordered, post, put, the

_SACK = cheapest(kind="rucksack", size=30, colour="grey")
_TENT, _MAT = (
    cheapest(kind="tent", size=3, stars=3, colour="blue"),
    cheapest(kind="sleeping mat", size=8, colour="black"),
)
_FRAMES = (the("ibis", "picture frame"), the("jay", "picture frame"))
_POT, _BLACK_TROWEL = the("egret", "plant pot"), the("jay", "trowel")
_LAMP = line(the("finch", "desk lamp"), the("finch", "desk lamp").colours[0])
_POTS = (line(_POT, _POT.colours[0], 3), line(_BLACK_TROWEL, _BLACK_TROWEL.colours[0]))
_RUCKSACK = the("dipper", "rucksack")
_TEAPOT = first(1, lambda product: -product.price, kind="teapot", colour="black", stars=4, most=4000)[0]
_GODWIT_TROWEL, _CUSHION = the("godwit", "trowel"), the("auk", "cushion")
_WISHES = (the("jay", "torch"), the("ibis", "blanket"))
_GIFTS = first(3, kind="cushion", colour="cream", in_stock=True)
_ENOUGH = -(-5000 // _BLACK_TROWEL.price)

HARD = (
    ShopTask(
        "shop-29", 3,
        "Order the cheapest rucksack of 30 litres or more that there is in grey, in grey, by express to my home. Ask "
        'them in the note: "Leave it with the neighbour."',
        (
            get("/search?q=rucksack&colour=grey&sort=price"),
            *put(_SACK, "grey"),
            *buy("express", "Home", "Leave it with the neighbour."),
        ),
        adds=(
            ordered(
                "mara", line(_SACK, "grey"), delivery="express", address="Home", note="Leave it with the neighbour."
            ),
        ),
        signed_in="mara",
    ),
    ShopTask(
        "shop-30", 3,
        "Three of us go camping. Put the cheapest tent for three or more people with at least three stars that comes "
        "in blue into my basket, in blue, and three of the cheapest 8 cm sleeping mat that comes in black, in black.",
        (
            get("/search?q=tent&stars=3&colour=blue&sort=price"),
            *put(_TENT, "blue"),
            get("/search?q=sleeping+mat+8+cm&colour=black&sort=price"),
            *put(_MAT, "black", 3),
        ),
        adds=(basket("tobin", _TENT, "blue"), basket("tobin", _MAT, "black", 3)), signed_in="tobin",
    ),
    ShopTask(
        "shop-31", 3,
        "Order every brass picture frame of 20 cm that you have, one of each, in red, by standard delivery to my home, "
        "and use a voucher so that I don't pay for delivery.",
        (
            get("/search?q=brass+picture+frame+20"),
            get("/help/vouchers"),
            *(request for frame in _FRAMES for request in put(frame, "red")),
            post("/basket/voucher", code="POSTFREE"),
            *buy("standard", "Home"),
        ),
        adds=(
            ordered(
                "ines", *(line(frame, "red") for frame in _FRAMES),
                delivery="standard", address="Home", coupon="POSTFREE",
            ),
        ),
        signed_in="ines",
    ),
    ShopTask(
        "shop-32", 3, "Cancel all of my orders that have not been sent yet.",
        (get("/orders"), post("/orders/2/cancel"), post("/orders/3/cancel")),
        adds=(
            ordered("mara", _LAMP, delivery="express", address="Work", status="cancelled"),
            ordered("mara", *_POTS, delivery="standard", address="Home", status="cancelled"),
        ),
        removes=(
            ordered("mara", _LAMP, delivery="express", address="Work"),
            ordered("mara", *_POTS, delivery="standard", address="Home"),
        ),
        signed_in="mara",
    ),
    ShopTask(
        "shop-33", 3,
        "My open order should go to my parents instead, and quickly: cancel it and order the same by express to them.",
        (
            get("/orders"),
            get("/orders/6"),
            post("/orders/6/cancel"),
            post("/orders/6/again"),
            *buy("express", "Parents"),
        ),
        adds=(
            ordered(
                "ines", line(_RUCKSACK, _RUCKSACK.colours[0]), delivery="standard", address="Home", status="cancelled"
            ),
            ordered("ines", line(_RUCKSACK, _RUCKSACK.colours[0]), delivery="express", address="Parents"),
        ),
        removes=(ordered("ines", line(_RUCKSACK, _RUCKSACK.colours[0]), delivery="standard", address="Home"),),
        signed_in="ines",
    ),
    ShopTask(
        "shop-34", 3,
        "Put the most expensive teapot into the basket that costs at most £40, has at least four stars and comes in "
        "black. In black, of course.",
        (get("/search?q=teapot&max=40&stars=4&colour=black&sort=-price"), *put(_TEAPOT, "black")),
        adds=(basket("guest", _TEAPOT, "black"),),
    ),
    ShopTask(
        "shop-35", 3,
        "I could do with three Jay trowels or with two Godwit trowels. Order what costs less, in white, standard "
        "delivery to my home.",
        (
            get("/search?q=trowel"),
            get("/product/jay-trowel"),
            *put(_GODWIT_TROWEL, "white", 2),
            *buy("standard", "Home"),
        ),
        adds=(ordered("tobin", line(_GODWIT_TROWEL, "white", 2), delivery="standard", address="Home"),),
        signed_in="tobin",
    ),
    ShopTask(
        "shop-36", 3, "Where can I get both an Egret watering can and a Jay wall clock today, in which of your stores?",
        (get("/product/egret-watering-can/stock"), get("/product/jay-wall-clock/stock")),
        said="Station Arcade",
    ),
    ShopTask(
        "shop-37", 3,
        "Order one more of the cushions that I bought in February, but in the colour that I don't have, by standard "
        'delivery to my home, and give that cushion five stars: "Lovely."',
        (
            get("/orders/1"),
            *put(_CUSHION, _CUSHION.colours[1]),
            *buy("standard", "Home"),
            post("/product/auk-cushion/reviews", stars="5", text="Lovely."),
        ),
        adds=(
            ordered("mara", line(_CUSHION, _CUSHION.colours[1]), delivery="standard", address="Home"),
            ("review", "mara", "auk-cushion", 5, "Lovely."),
        ),
        signed_in="mara",
    ),
    ShopTask(
        "shop-38", 3,
        "I'm ines, my password is rust-vole-7. Order everything on my wish list, one of each in red, standard delivery "
        "to my home, and take it off the wish list then.",
        (
            post("/signin", login="ines", password="rust-vole-7"),
            get("/wishes"),
            *(request for product in _WISHES for request in put(product, "red")),
            *buy("standard", "Home"),
            *(post("/wishes", slug=product.slug, remove="1") for product in _WISHES),
        ),
        adds=(
            ordered("ines", *(line(product, "red") for product in _WISHES), delivery="standard", address="Home"),
        ),
        removes=tuple(("wish", "ines", product.slug) for product in _WISHES),
    ),
    ShopTask(
        "shop-39", 3,
        "Send three different cushions to my work by express, the three cheapest that are in stock and come in cream, "
        'all in cream, with the note "Happy birthday".',
        (
            get("/search?q=cushion&colour=cream&stock=1&sort=price"),
            *(request for cushion in _GIFTS for request in put(cushion, "cream")),
            *buy("express", "Work", "Happy birthday"),
        ),
        adds=(
            ordered(
                "mara", *(line(cushion, "cream") for cushion in _GIFTS),
                delivery="express", address="Work", note="Happy birthday",
            ),
        ),
        signed_in="mara",
    ),
    ShopTask(
        "shop-40", 3,
        "I want black Jay trowels, just as many as make standard delivery free and no more. Order them to my home.",
        (get("/help/delivery"), *put(_BLACK_TROWEL, "black", _ENOUGH), *buy("standard", "Home")),
        adds=(ordered("tobin", line(_BLACK_TROWEL, "black", _ENOUGH), delivery="standard", address="Home"),),
        signed_in="tobin",
    ),
)  # fmt: skip
