"""Level 1: one fact to find, or one form to send."""

from __future__ import annotations

from .task import ShopTask, address, basket, get, post, pounds, put, subscriber, the

_REVIEW = "Soft and washes well."

EASY = (
    ShopTask(
        "shop-01", 1, "What does the Auk flask cost?",
        (get("/search?q=auk+flask"),),
        said=pounds(the("auk", "flask").price),
    ),
    ShopTask(
        "shop-02", 1, "How many days do I have to send something back?",
        (get("/help/returns"),),
        said="45",
    ),
    ShopTask(
        "shop-03", 1, "What would express delivery cost me?",
        (get("/help/delivery"),),
        said="9.50",
    ),
    ShopTask(
        "shop-04", 1, "Put a blue Ibis blanket into the basket.",
        put(the("ibis", "blanket"), "blue"),
        adds=(basket("guest", the("ibis", "blanket"), "blue"),),
    ),
    ShopTask(
        "shop-05", 1, "I'd like two green Finch flasks in my basket.",
        put(the("finch", "flask"), "green", 2),
        adds=(basket("mara", the("finch", "flask"), "green", 2),), signed_in="mara",
    ),
    ShopTask(
        "shop-06", 1, "Add the Brant garden hose to my wish list, please.",
        (get("/product/brant-garden-hose"), post("/wishes", slug="brant-garden-hose")),
        adds=(("wish", "mara", "brant-garden-hose"),), signed_in="mara",
    ),
    ShopTask(
        "shop-07", 1, "I no longer want the Heron teapot: take it off my wish list.",
        (get("/wishes"), get("/product/heron-teapot"), post("/wishes", slug="heron-teapot", remove="1")),
        removes=(("wish", "mara", "heron-teapot"),), signed_in="mara",
    ),
    ShopTask(
        "shop-08", 1, "Sign me up for the newsletter.",
        (get("/account"), post("/account", name="Tobin Ashe", newsletter="1")),
        adds=(subscriber("tobin", newsletter=True),), removes=(subscriber("tobin", newsletter=False),),
        signed_in="tobin",
    ),
    ShopTask(
        "shop-09", 1, "I have a new name. Change it to Ines Vale in my account.",
        (get("/account"), post("/account", name="Ines Vale")),
        adds=(subscriber("ines", newsletter=False, name="Ines Vale"),),
        removes=(subscriber("ines", newsletter=False),), signed_in="ines",
    ),
    ShopTask(
        "shop-10", 1, "What is the Crake wall clock made of?",
        (get("/search?q=crake+clock"), get("/product/crake-wall-clock")),
        said=the("crake", "wall clock").material,
    ),
    ShopTask(
        "shop-11", 1, f'Give the Auk cushion four stars and write: "{_REVIEW}"',
        (get("/product/auk-cushion"), post("/product/auk-cushion/reviews", stars="4", text=_REVIEW)),
        adds=(("review", "mara", "auk-cushion", 4, _REVIEW),), signed_in="mara",
    ),
    ShopTask(
        "shop-12", 1, "I've changed jobs. Delete my work address.",
        (get("/account/addresses"), post("/account/addresses/remove", label="Work")),
        removes=(address("mara", "Work"),), signed_in="mara",
    ),
    ShopTask(
        "shop-13", 1, "Has my order of 3 February arrived? Tell me its status.",
        (get("/orders"),),
        said="delivered", signed_in="mara",
    ),
    ShopTask(
        "shop-14", 1, "How many Crake kettles do you have at Mill Lane?",
        (get("/product/crake-kettle"), get("/product/crake-kettle/stock")),
        said=str(the("crake", "kettle").stock[1]),
    ),
)  # fmt: skip
