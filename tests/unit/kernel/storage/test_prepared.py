"""A prepared write is the write that PynamoDB makes of the same expressions with the values in them."""

import pytest
from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute

from kernel import storage
from kernel.storage import number_parameter, set_parameter, text_parameter


class ShelfItem(storage.Item):
    class Meta:
        table_name = "shelves"

    shelf = UnicodeAttribute(hash_key=True, attr_name="shelfId")
    owner = UnicodeAttribute(attr_name="ownerName", null=True)
    books = NumberAttribute(null=True)
    authors = UnicodeSetAttribute(null=True)


def test_an_update_is_the_same() -> None:
    loans = UnicodeSetAttribute(attr_name="loans_of_7")
    prepared = storage.Prepared(
        ShelfItem,
        condition=(ShelfItem.owner == text_parameter("owner"))
        & (ShelfItem.books < number_parameter("most"))
        & (ShelfItem.books > 2),
        actions=[
            ShelfItem.books.set(number_parameter("books")),
            ShelfItem.authors.add(set_parameter("authors")),
            UnicodeSetAttribute(attr_name="loans").add(set_parameter("loans")),
            ShelfItem.owner.remove(),
        ],
        renamed=["loans"],
    )
    # Of one, as PynamoDB writes a set in any order.
    authors = {"a"}
    for owner, most in (("Ada", 9), ("Eve", 12)):
        assert prepared.update(
            "shelf",
            "s1",
            names={"loans": "loans_of_7"},
            owner=owner,
            most=most,
            books=5,
            authors=authors,
            loans={"x"},
        ) == storage.update(
            "shelf",
            ShelfItem,
            "s1",
            actions=[
                ShelfItem.books.set(5),
                ShelfItem.authors.add(authors),
                loans.add({"x"}),
                ShelfItem.owner.remove(),
            ],
            condition=(ShelfItem.owner == owner) & (ShelfItem.books < most) & (ShelfItem.books > 2),
        )


def test_a_put_and_a_check_are_the_same() -> None:
    prepared = storage.Prepared(
        ShelfItem, condition=ShelfItem.shelf.does_not_exist() | (ShelfItem.owner == text_parameter("owner"))
    )
    condition = ShelfItem.shelf.does_not_exist() | (ShelfItem.owner == "Ada")
    item = ShelfItem(shelf="s1", owner="Ada")
    assert prepared.put("shelf", item, owner="Ada") == storage.put("shelf", item, condition=condition)
    assert prepared.check("shelf", "s1", owner="Ada") == storage.check("shelf", ShelfItem, "s1", condition=condition)


def test_a_condition_without_values_has_none() -> None:
    item, condition = ShelfItem(shelf="s1"), ShelfItem.shelf.does_not_exist()
    write = storage.Prepared(ShelfItem, condition=condition).put("shelf", item)
    assert write == storage.put("shelf", item, condition=condition)
    assert "ExpressionAttributeValues" not in write.kwargs


def test_what_is_not_brought_is_missed() -> None:
    prepared = storage.Prepared(ShelfItem, actions=[ShelfItem.owner.set(text_parameter("owner"))])
    with pytest.raises(KeyError, match="owner"):
        prepared.update("shelf", "s1")


def test_an_item_has_only_what_it_declares() -> None:
    with pytest.raises(ValueError, match="ShelfItem has no attribute colour"):
        ShelfItem(shelf="s1", colour="red")
