"""The bookshop's rows, made up: the same every time, and some of them dirty on purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

SEED = 1564
"""The year in which the Frankfurt book fair printed its first catalogue."""

TODAY = datetime(2025, 9, 1, 9, 0, 0)  # noqa: DTZ001 -- the shop's own time, as in its columns
"""The last day in the data; the clock is never asked, so that every load is the same."""

Row = dict[str, Any]


def _words(text: str) -> list[str]:
    """Split a line of words."""
    return text.split()


FIRST = _words(
    "Ada Amir Ana Anouk Ben Bilal Carla Chidi Chloé Daniel Deepa Elif Emma Farah Femi George Grace Hana Hugo Ines "
    "Ivan Jamila Jonas Kofi Lars Leila Lucía Maeve Mateo Mei Nadia Niamh Noah Olga Omar Priya Quinn Rosa Samir Sofia "
    "Tariq Tess Uma Viktor Wanjiru Xin Yusuf Zoë"
)
LAST = _words(
    "Abbott Adeyemi Ahmed Bakker Baxter Brontë Chen Clarke Costa Dubois Evans Fernández Fischer Garcia Haddad Hughes "
    "Ibrahim Jansen Kaur Kowalski Larsen Lindqvist MacLeod Mbeki Mensah Moreau Nakamura Nguyen Novák Núñez O'Brien "
    "Okafor Patel Quigley Rossi Ryan Santos Schmidt Singh Smith Tanaka Taylor Underwood Visser Weber Xu Yilmaz Zhou"
)
ADJECTIVES = _words(
    "Silent Salt Borrowed Crooked Distant Golden Hollow Invisible Last Northern Paper Quiet Restless Second"
)
NOUNS = _words(
    "Atlas Bridge Cartographer Daughter Garden Harbour Island Lighthouse Library Orchard River Season Tide Winter"
)
PLACES = _words("Aleppo Bath Cádiz Dover Eden Fez Galway Harlem Iona Jaipur Kyoto Lagos Marseille Naples Oslo Porto")
PUBLISHERS = _words("Amber Beacon Cormorant Dovetail Elm Fathom Granite Heron Inkwell Juniper Kestrel Lantern")
CITIES = _words("Aberdeen Bath Bristol Cambridge Cardiff Dundee Edinburgh Exeter Leeds London Norwich York")
STREETS = _words("Abbey Bridge Castle Church Garden High Mill Park Queen Station")
CATEGORIES = {
    "Fiction": ("Crime", "Fantasy", "Historical", "Short stories"),
    "Non-fiction": ("Biography", "Cooking", "History", "Science", "Travel"),
    "Children": ("Picture books", "School stories"),
}
OPINIONS = (
    "Could not put it down.",
    "Left it on the train, on purpose.",
    "My book club is still arguing.",
    "Good, but the map is too small to read.",
    "Five stars for the cover, two for the rest.",
    None,
)
REMARKS = ("ask for the porter", "after six, not on Fridays", "rings at the neighbour's")
NOT_DATES = ("n/a", "31/02/2019", "last Tuesday", "", "0000-00-00")


class Bookshop:
    """The rows of every table, made up from a seed."""

    def __init__(self, rows: int, dirt: Mapping[str, int]) -> None:
        """Make up a shop.

        Args:
            rows: How many customers.
            dirt: How many dirty rows of each kind; `migrations.data` tells what they are.
        """
        self.customers = rows
        self.books = max(40, rows * 3 // 8)
        self.orders = max(20, rows * 5 // 4)
        self.random = Random(SEED)  # noqa: S311 -- made-up books need no cryptography
        self.dirt = dirt
        self.editions: list[Row] = []

    def tables(self) -> Iterable[tuple[str, list[Row]]]:
        """Give each table's name and rows, parents before children."""
        makers: tuple[Callable[[], list[tuple[str, list[Row]]]], ...] = (
            self._catalogue,
            self._people,
            self._sales,
            self._shelves,
            self._opinions,
            self._offices,
        )
        for make in makers:
            yield from make()

    def _catalogue(self) -> list[tuple[str, list[Row]]]:
        """Make publishers, authors, books, editions and categories."""
        pick = self.random
        publishers = [
            {
                "id": n,
                "name": f"{name} Press",
                "country": pick.choice(("GB", "IE", "US", "IN")),
                "founded": 1850 + 13 * n,
            }
            for n, name in enumerate(PUBLISHERS, 1)
        ]
        authors = [
            {
                "id": n,
                "name": f"{pick.choice(FIRST)} {pick.choice(LAST)}",
                "born_on": date(1900, 1, 1) + timedelta(days=pick.randrange(36500)),
                "biography": None if n % 3 else f"Lives in {pick.choice(PLACES)} with two cats.",
            }
            for n in range(1, self.books // 3 + 1)
        ]
        # The first title is there for whoever forgets to escape it.
        titles = ["Cooking with <b>Fire</b> & Ice", *(self._title() for _ in range(self.books - 1))]
        no_publisher = self._some("no-publisher", self.books)
        books = [
            {
                "id": n,
                "isbn": f"978{n * 7919 % 10**10:010d}",
                "title": title,
                "publisher_id": None if n in no_publisher else pick.randint(1, len(publishers)),
                "language": pick.choices(("en", "fr", "es", "cy"), (90, 4, 4, 2))[0],
                "published_on": date(1990, 1, 1) + timedelta(days=pick.randrange(12700)),
                "in_print": pick.random() < 0.85,  # noqa: PLR2004
                "details": {"pages": pick.randrange(80, 900, 4), "awards": ["Booker"] if n % 97 == 0 else []},
            }
            for n, title in enumerate(titles, 1)
        ]
        self.editions = [row for book in books for row in self._editions(book)]
        book_authors = [
            {"book_id": n, "author_id": author, "position": position}
            for n in range(1, self.books + 1)
            for position, author in enumerate(pick.sample(range(1, len(authors) + 1), pick.choice((1, 1, 1, 2))), 1)
        ]
        categories: list[Row] = [{"id": n, "parent_id": None, "name": name} for n, name in enumerate(CATEGORIES, 1)]
        for parent, names in enumerate(CATEGORIES.values(), 1):
            categories += [
                {"id": n, "parent_id": parent, "name": name} for n, name in enumerate(names, len(categories) + 1)
            ]
        book_categories = [
            {"book_id": n, "category_id": category}
            for n in range(1, self.books + 1)
            for category in pick.sample(range(len(CATEGORIES) + 1, len(categories) + 1), pick.choice((1, 1, 2)))
        ]
        return [
            ("publisher", publishers),
            ("author", authors),
            ("book", books),
            ("book_author", book_authors),
            ("edition", self.editions),
            ("category", categories),
            ("book_category", book_categories),
        ]

    def _title(self) -> str:
        """Make up a title."""
        return self.random.choice(("The {a} {n}", "The {n} of {p}", "{a} {n}s", "A {n} in {p}")).format(
            a=self.random.choice(ADJECTIVES), n=self.random.choice(NOUNS), p=self.random.choice(PLACES)
        )

    def _editions(self, book: Row) -> list[Row]:
        """Make one to three editions of a book, the dearest first."""
        pick = self.random
        formats = ("hardback", "paperback", "ebook", "audio")[: pick.choice((1, 2, 3, 4))][-3:]
        return [
            {
                "book_id": book["id"],
                "number": number,
                "format": format_,
                "price": Decimal(pick.randrange(2499, 499, -100)) / 100,
                "weight_g": pick.randrange(150, 1400, 10) if format_ in {"hardback", "paperback"} else None,
                "published_on": book["published_on"] + timedelta(days=200 * (number - 1)),
            }
            for number, format_ in enumerate(formats, 1)
        ]

    def _people(self) -> list[tuple[str, list[Row]]]:
        """Make customers and their addresses."""
        pick = self.random
        people = range(1, self.customers + 1)
        customers = [self._customer(n) for n in people]

        # Each kind of dirt on customers of its own: one that has two kinds would be counted twice.
        names = ("missing-email", "long-phone", "one-word-name", "padded-name")
        counts = [self.dirt[name] for name in names] + [2 * self.dirt["shared-email"]]
        chosen = iter(pick.sample(customers, sum(counts)))
        for _ in range(self.dirt["missing-email"]):
            next(chosen)["email"] = None
        for n in range(self.dirt["long-phone"]):
            customer = next(chosen)
            customer["phone"] = f"01632 960{n:03d}, {REMARKS[n % len(REMARKS)]}"
        for _ in range(self.dirt["one-word-name"]):
            customer = next(chosen)
            customer.update(name=customer["first_name"], last_name=None)
        for n in range(self.dirt["padded-name"]):
            customer = next(chosen)
            customer["name"] = (" {name}", "{name} ", "{first_name}  {last_name}")[n % 3].format(**customer)
        for n in range(self.dirt["shared-email"]):
            one, other = next(chosen), next(chosen)
            other["email"] = one["email"].upper() if n % 5 < 2 else one["email"]  # noqa: PLR2004

        addresses = [
            {
                "id": n,
                "customer_id": n,
                "street": f"{pick.randint(1, 240)} {pick.choice(STREETS)} Street",
                "city": pick.choice(CITIES),
                "postcode": f"ZZ{pick.randint(1, 99)} {pick.randint(1, 9)}ZZ",
                "country": "GB",
            }
            for n in people
        ]
        return [("customer", customers), ("address", addresses)]

    def _customer(self, number: int) -> Row:
        """Make a clean customer, with the columns of all revisions."""
        pick = self.random
        first, last = pick.choice(FIRST), pick.choice(LAST)
        phone = f"01632 960{number % 1000:03d}" if number % 4 else None
        return {
            "id": number,
            "name": f"{first} {last}",
            "first_name": first,
            "last_name": last,
            "email": f"customer{number}@example.{pick.choice(('com', 'org', 'net'))}",
            "nickname": f"{first[:3].lower()}{number}" if number % 2 else None,
            "phone_no": phone,
            "phone": phone,
            "newsletter": number % 3 == 0,
            "created_at": TODAY - timedelta(minutes=pick.randrange(60 * 24 * 600)),
        }

    def _sales(self) -> list[tuple[str, list[Row]]]:
        """Make orders and their lines."""
        pick = self.random
        empty = self._some("empty-order", self.orders)
        orders, lines = [], []
        for n in range(1, self.orders + 1):
            placed = TODAY - timedelta(seconds=(self.orders - n) * 9000 + pick.randrange(9000))
            status = pick.choices(("shipped", "returned", "cancelled"), (92, 3, 5))[0]
            if n > self.orders - 60:
                status = pick.choice(("new", "paid"))
            shipped = placed + timedelta(hours=pick.randint(4, 90)) if status in {"shipped", "returned"} else None
            orders.append(
                {
                    "id": n,
                    "customer_id": pick.randint(1, self.customers),
                    "status": status,
                    "placed_at": placed,
                    "shipped_at": shipped,
                    "note": "A present, please wrap." if n % 31 == 0 else None,
                }
            )
            if n not in empty:
                bought = enumerate(pick.sample(self.editions, pick.choice((1, 1, 2, 2, 3))), 1)
                lines += [self._line(n, position, edition) for position, edition in bought]
        return [("orders", orders), ("order_line", lines)]

    def _line(self, order: int, position: int, edition: Row) -> Row:
        """Make one line of an order."""
        return {
            "order_id": order,
            "line_number": position,
            "book_id": edition["book_id"],
            "edition_number": edition["number"],
            "quantity": self.random.choice((1, 1, 1, 1, 2, 3)),
            "price": edition["price"],
        }

    def _shelves(self) -> list[tuple[str, list[Row]]]:
        """Make shops and their stock."""
        pick = self.random
        shops = [
            {
                "id": n,
                "name": f"{city} bookshop",
                "city": city,
                "opened_on": date(2010 + n, 3, n),
                "opens_at": time(9, 30),
            }
            for n, city in enumerate(("Bath", "Leeds", "York"), 1)
        ]
        stock = [
            {
                "shop_id": shop["id"],
                "book_id": edition["book_id"],
                "edition_number": edition["number"],
                "on_hand": pick.randrange(40),
                "reorder_level": 5,
            }
            for shop in shops
            for edition in self.editions
            if edition["weight_g"] and pick.random() < 0.6  # noqa: PLR2004
        ]
        return [("shop", shops), ("stock", stock)]

    def _opinions(self) -> list[tuple[str, list[Row]]]:
        """Make reviews, no customer reviewing a book twice unless meant to."""
        pick = self.random
        count = self.customers // 2
        # Every pair of book and customer has a number of its own: distinct numbers, distinct pairs.
        pairs = [divmod(n, self.customers) for n in pick.sample(range(self.books * self.customers), count)]
        pairs += pairs[: self.dirt["double-review"]]
        orphans = self._some("orphan-review", count)
        reviews = [
            {
                "id": n,
                "book_id": book + 1,
                "customer_id": customer + 1,
                "order_id": self._reviewed_order(n, orphan=n in orphans),
                "rating": pick.choices((1, 2, 3, 4, 5), (4, 6, 15, 40, 35))[0],
                "body": pick.choice(OPINIONS),
                "created_at": TODAY - timedelta(minutes=pick.randrange(60 * 24 * 300)),
            }
            for n, (book, customer) in enumerate(pairs, 1)
        ]
        return [("review", reviews)]

    def _reviewed_order(self, number: int, *, orphan: bool) -> int | None:
        """Name the order that a review belongs to, if any."""
        if orphan:
            return 900_000 + number
        return self.random.randint(1, self.orders) if number % 2 else None

    def _offices(self) -> list[tuple[str, list[Row]]]:
        """Make what the accountants and the old till have, and the vouchers."""
        pick = self.random
        targets = [
            {"year": year, "month": month, "amount": Decimal(20_000 + 500 * month + (year - 2024) * 4_000)}
            for year in (2024, 2025)
            for month in range(1, 13)
        ]
        count = max(40, self.customers * 9 // 10)
        bad = self._some("bad-date", count)
        export = [
            {
                "customer_email": f"customer{pick.randint(1, self.customers)}@example.com",
                "isbn": f"978{pick.randint(1, self.books) * 7919 % 10**10:010d}",
                "quantity": str(pick.randint(1, 3)),
                "sold_on": NOT_DATES[n % len(NOT_DATES)]
                if n in bad
                else str(date(2019, 1, 1) + timedelta(days=n % 1500)),
                "payload": f'{{"till": {n % 4}, "receipt": {n}}}',
            }
            for n in range(1, count + 1)
        ]
        vouchers = [
            {
                "code": f"GIFT-{n:04d}",
                "amount": Decimal(pick.choice((10, 20, 50))),
                "valid_until": date(2027, 1, 1) + timedelta(days=n),
                "buyer_id": pick.randint(1, self.customers),
                "order_id": n if n % 3 == 0 else None,
            }
            for n in range(1, 61 if self.orders > 60 else 11)  # noqa: PLR2004
        ]
        return [("sales_target", targets), ("legacy_export", export), ("voucher", vouchers)]

    def _some(self, name: str, count: int) -> set[int]:
        """Choose which of `count` numbers, from 1, are dirty in the way of `name`."""
        return set(self.random.sample(range(1, count + 1), self.dirt[name]))
