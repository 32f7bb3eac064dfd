"""Level 2: a search with several conditions, or two or three forms that belong together."""

from __future__ import annotations

from .task import (
    ShopTask,
    address,
    basket,
    buy,
    cheapest,
    first,
    fitting,
    get,
    line,
    ordered,
    post,
    pounds,
    put,
    subscriber,
    the,
)

_KETTLE = cheapest(kind="kettle", colour="white")
_TENT = first(1, lambda product: -product.stars, kind="tent")[0]
_OUTLET = cheapest(brand="Gorsen", reduced=True)
_TROWEL, _CUSHION = the("dipper", "trowel"), the("heron", "cushion")
_TROWEL_OF_THREE = the("brant", "trowel")
_TORCH, _BLANKET = the("jay", "torch"), the("ibis", "blanket")
_IBIS_TENT, _MAT = the("ibis", "tent"), the("brant", "sleeping mat")
_LAMP = line(the("finch", "desk lamp"), the("finch", "desk lamp").colours[0])
_AGAIN = (line(_IBIS_TENT, _IBIS_TENT.colours[0]), line(_MAT, _MAT.colours[0], 2))

MEDIUM = (
    ShopTask(
        "shop-15", 2, "Put the cheapest kettle that comes in white into the basket, in white.",
        (get("/search?q=kettle&colour=white&sort=price"), *put(_KETTLE, "white")),
        adds=(basket("guest", _KETTLE, "white"),),
    ),
    ShopTask(
        "shop-16", 2, "What does the tent with the best reviews cost?",
        (get("/search?q=tent&sort=stars"),),
        said=pounds(_TENT.price),
    ),
    ShopTask(
        "shop-17", 2, "How many Fennock products are in stock and cost no more than £30?",
        (get("/search?brand=Fennock&max=30&stock=1"),),
        said=str(len(fitting(brand="Fennock", most=3000, in_stock=True))),
    ),
    ShopTask(
        "shop-18", 2, "Order one Dipper trowel in grey for me, standard delivery to my home.",
        (*put(_TROWEL, "grey"), *buy("standard", "Home")),
        adds=(ordered("mara", line(_TROWEL, "grey"), delivery="standard", address="Home"),), signed_in="mara",
    ),
    ShopTask(
        "shop-19", 2, "I need a black Heron cushion at work by tomorrow. Order it by express.",
        (*put(_CUSHION, "black"), *buy("express", "Work")),
        adds=(ordered("mara", line(_CUSHION, "black"), delivery="express", address="Work"),), signed_in="mara",
    ),
    ShopTask(
        "shop-20", 2, "Cancel the order with the desk lamp.",
        (get("/orders"), get("/orders/2"), post("/orders/2/cancel")),
        adds=(ordered("mara", _LAMP, delivery="express", address="Work", status="cancelled"),),
        removes=(ordered("mara", _LAMP, delivery="express", address="Work"),), signed_in="mara",
    ),
    ShopTask(
        "shop-21", 2, "Order the same again as I did in April, by standard delivery to my home.",
        (get("/orders"), get("/orders/4"), post("/orders/4/again"), *buy("standard", "Home")),
        adds=(ordered("tobin", *_AGAIN, delivery="standard", address="Home"),), signed_in="tobin",
    ),
    ShopTask(
        "shop-22", 2, "Put three red Brant trowels into my basket and enter the voucher SPRING10. Don't order yet.",
        (*put(_TROWEL_OF_THREE, "red", 3), post("/basket/voucher", code="SPRING10")),
        adds=(basket("mara", _TROWEL_OF_THREE, "red", 3), ("coupon", "mara", "SPRING10")), signed_in="mara",
    ),
    ShopTask(
        "shop-23", 2, 'Add the address "Holiday", 5 Shore Path, Penmoor, and subscribe me to the newsletter.',
        (
            get("/account/addresses"),
            post("/account/addresses", label="Holiday", street="5 Shore Path", town="Penmoor"),
            post("/account", name="Tobin Ashe", newsletter="1"),
        ),
        adds=(address("tobin", "Holiday", "5 Shore Path", "Penmoor"), subscriber("tobin", newsletter=True)),
        removes=(subscriber("tobin", newsletter=False),), signed_in="tobin",
    ),
    ShopTask(
        "shop-24", 2, "Put one of each thing on my wish list into the basket, all in red. Keep the wish list.",
        (get("/wishes"), *put(_TORCH, "red"), *put(_BLANKET, "red")),
        adds=(basket("ines", _TORCH, "red"), basket("ines", _BLANKET, "red")), signed_in="ines",
    ),
    ShopTask(
        "shop-25", 2, "Which Gorsen product in the outlet costs the least? Give me its name.",
        (get("/outlet"), get("/search?brand=Gorsen&sort=price")),
        said=_OUTLET.name.removeprefix("Gorsen ").partition(",")[0],
    ),
    ShopTask(
        "shop-26", 2, "Sign in as tobin (password plum-kite-3) and tell me what my order of April cost in all.",
        (post("/signin", login="tobin", password="plum-kite-3"), get("/orders")),
        said=pounds(_IBIS_TENT.price + 2 * _MAT.price),
    ),
    ShopTask(
        "shop-27", 2, "We've moved house: my home address is now 9 Mast Alley, Penmoor.",
        (get("/account/addresses"), post("/account/addresses", label="Home", street="9 Mast Alley", town="Penmoor")),
        adds=(address("mara", "Home", "9 Mast Alley", "Penmoor"),), removes=(address("mara", "Home"),),
        signed_in="mara",
    ),
    ShopTask(
        "shop-28", 2, 'Review the kettle that I bought from you: two stars, "Slow to boil."',
        (get("/orders"), get("/orders/1"), post("/product/crake-kettle/reviews", stars="2", text="Slow to boil.")),
        adds=(("review", "mara", "crake-kettle", 2, "Slow to boil."),), signed_in="mara",
    ),
)  # fmt: skip
