"""The bookshop as its developers want it to be.

Six things here are not yet in any revision, so that the first diff finds something:

1. `customer.email` may be longer (120 → 255 characters) and may no longer be missing,
2. `customer.nickname` is gone, and
3. `customer.display_name` is there: a rename, which autogenerate takes for a drop and an add,
4. `wishlist` is a new table,
5. `ix_book_title` is a new index,
6. `legacy_export` is gone, with all its rows.
"""

from __future__ import annotations

import enum
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    false,
    func,
    text,
    true,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every key gets a name: one that has none cannot be dropped by a later revision."""

COMPARED_ON = "compared_on"
"""Names the only databases on which something can be compared; env.py leaves it out elsewhere."""


class Base(DeclarativeBase):
    """The base of all models."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


class BookFormat(enum.Enum):
    """How a book is made; a type of its own on PostgreSQL."""

    hardback = "hardback"
    paperback = "paperback"
    ebook = "ebook"
    audio = "audio"


class OrderStatus(enum.Enum):
    """How far an order has come."""

    new = "new"
    paid = "paid"
    shipped = "shipped"
    returned = "returned"
    cancelled = "cancelled"


class Publisher(Base):
    """A publishing house."""

    __tablename__ = "publisher"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    country: Mapped[str] = mapped_column(String(2), server_default="GB", comment="ISO 3166, two letters")
    founded: Mapped[int | None] = mapped_column(SmallInteger)
    website: Mapped[str | None] = mapped_column(String(200))


class Author(Base):
    """Somebody who writes books."""

    __tablename__ = "author"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    born_on: Mapped[date | None]
    biography: Mapped[str | None] = mapped_column(Text)


# MariaDB has no index on an expression.  SQLite has, but SQLAlchemy cannot read it back.
Index("ix_author_name_lower", func.lower(Author.name), info={COMPARED_ON: {"postgresql"}}).ddl_if(
    dialect=("postgresql", "sqlite")  # type: ignore[arg-type]  # documented, but not annotated
)


class Book(Base):
    """A work, whatever its editions."""

    __tablename__ = "book"
    __table_args__ = (
        CheckConstraint("length(isbn) IN (10, 13)", name="isbn_length"),
        Index(None, "title"),
        {"comment": "A work, whatever its editions"},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    isbn: Mapped[str] = mapped_column(String(13), unique=True, comment="Without hyphens")
    title: Mapped[str] = mapped_column(String(200))
    publisher_id: Mapped[int | None] = mapped_column(ForeignKey("publisher.id"))
    language: Mapped[str] = mapped_column(String(2), server_default="en")
    published_on: Mapped[date | None]
    in_print: Mapped[bool] = mapped_column(server_default=true())
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON, comment="Pages, awards: whatever the publisher sends")


class BookAuthor(Base):
    """Who wrote what: goes with the book, and with the author."""

    __tablename__ = "book_author"

    book_id: Mapped[int] = mapped_column(ForeignKey("book.id", ondelete="CASCADE"), primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, server_default="1", comment="Place on the title page")


class Edition(Base):
    """One edition of a book: the thing that has a price and lies on a shelf."""

    __tablename__ = "edition"
    __table_args__ = (
        CheckConstraint("price >= 0", name="price_not_negative"),
        CheckConstraint("format <> 'ebook' OR weight_g IS NULL", name="ebook_weighs_nothing"),
        {"comment": "One edition of a book: what has a price and lies on a shelf"},
    )

    book_id: Mapped[int] = mapped_column(ForeignKey("book.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    format: Mapped[BookFormat] = mapped_column(Enum(BookFormat, name="book_format"), server_default="paperback")
    price: Mapped[Decimal] = mapped_column(Numeric(8, 2), comment="In pounds, VAT included")
    weight_g: Mapped[int | None]
    published_on: Mapped[date | None]


class Category(Base):
    """A shelf label; categories have categories."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("parent_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("category.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(60))


class BookCategory(Base):
    """Which book stands under which category."""

    __tablename__ = "book_category"

    book_id: Mapped[int] = mapped_column(ForeignKey("book.id", ondelete="CASCADE"), primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id", ondelete="CASCADE"), primary_key=True)


class Customer(Base):
    """Somebody who buys books."""

    __tablename__ = "customer"
    __table_args__ = ({"comment": "Somebody who buys books"},)

    id: Mapped[int] = mapped_column(primary_key=True)
    first_name: Mapped[str | None] = mapped_column(String(80))
    last_name: Mapped[str | None] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(String(255), comment="Where the receipts go")
    display_name: Mapped[str | None] = mapped_column(String(40))
    phone: Mapped[str | None] = mapped_column(String(40))
    newsletter: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Address(Base):
    """Where a customer lives, or wants the parcel."""

    __tablename__ = "address"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    street: Mapped[str] = mapped_column(String(120))
    city: Mapped[str] = mapped_column(String(80))
    postcode: Mapped[str | None] = mapped_column(String(16))
    country: Mapped[str] = mapped_column(String(2), server_default="GB")


class Order(Base):
    """One purchase; `orders`, since ORDER is a word of SQL."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("shipped_at IS NULL OR shipped_at >= placed_at", name="shipped_after_placed"),
        # MariaDB has no partial indexes and makes a full one of it, which serves as well.
        Index(
            "ix_orders_unshipped",
            "placed_at",
            postgresql_where=text("shipped_at IS NULL"),
            sqlite_where=text("shipped_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    status: Mapped[OrderStatus] = mapped_column(Enum(OrderStatus, name="order_status"), server_default="new")
    placed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    shipped_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(Text)


class OrderLine(Base):
    """One edition on an order."""

    __tablename__ = "order_line"
    __table_args__ = (
        ForeignKeyConstraint(["book_id", "edition_number"], ["edition.book_id", "edition.number"]),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True)
    line_number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    book_id: Mapped[int]
    edition_number: Mapped[int] = mapped_column(SmallInteger)
    quantity: Mapped[int] = mapped_column(server_default="1")
    price: Mapped[Decimal] = mapped_column(Numeric(8, 2), comment="What the customer paid for one copy")
    discount: Mapped[Decimal] = mapped_column(
        Numeric(5, 2), server_default="0.00", comment="In % of the edition's price"
    )


class Shop(Base):
    """A place where books are sold."""

    __tablename__ = "shop"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    city: Mapped[str] = mapped_column(String(80))
    opened_on: Mapped[date | None]
    opens_at: Mapped[time | None]


class Stock(Base):
    """How many copies of an edition a shop has."""

    __tablename__ = "stock"
    __table_args__ = (
        ForeignKeyConstraint(["book_id", "edition_number"], ["edition.book_id", "edition.number"], ondelete="CASCADE"),
        CheckConstraint("on_hand >= 0", name="on_hand_not_negative"),
    )

    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    book_id: Mapped[int] = mapped_column(primary_key=True)
    edition_number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    on_hand: Mapped[int] = mapped_column(server_default="0")
    reorder_level: Mapped[int] = mapped_column(SmallInteger, server_default="5")


class Review(Base):
    """What a reader thought."""

    __tablename__ = "review"
    __table_args__ = (CheckConstraint("rating BETWEEN 1 AND 5", name="rating_in_stars"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id", ondelete="CASCADE"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id", ondelete="SET NULL"))
    order_id: Mapped[int | None] = mapped_column(comment="The order that the book came with; no foreign key yet")
    rating: Mapped[int] = mapped_column(SmallInteger, comment="Stars, 1 to 5")
    body: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SalesTarget(Base):
    """What a month ought to bring."""

    __tablename__ = "sales_target"
    __table_args__ = (CheckConstraint("month BETWEEN 1 AND 12", name="month_of_year"),)

    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    month: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    amount: Mapped[Decimal] = mapped_column(Numeric(12, 2))


class Voucher(Base):
    """A gift voucher, and the order that it was spent on."""

    __tablename__ = "voucher"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        {"comment": "Gift vouchers; valid for two years"},
    )

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    amount: Mapped[Decimal] = mapped_column(Numeric(8, 2), server_default="10.00")
    valid_until: Mapped[date]
    buyer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id", ondelete="SET NULL"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), comment="Spent on; NULL while unspent")


class Wish(Base):
    """A book that a customer would like to be given."""

    __tablename__ = "wishlist"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id", ondelete="CASCADE"), primary_key=True)
    added_at: Mapped[datetime] = mapped_column(server_default=func.now())
