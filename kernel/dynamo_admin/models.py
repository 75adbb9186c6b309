"""Django models over item classes: real ones, unmanaged, that know what the item class knows.

    class Booking(DynamoModel):
        item = BookingItem
        labels = {"address": _("address")}                         # what an attribute is called
        status = models.CharField(choices=…)                      # only what the item class cannot tell
        provider = models.ForeignKey(Provider, models.DO_NOTHING)  # over its attribute `provider_id`

        class Meta:
            app_label = "bookings"

Each attribute of the item class becomes a field of the same name. Objects are read through `objects`; they are written
by `save_write` and `delete_write`, so that the audit entry goes into the same transaction.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.db import NotSupportedError, models
from django.db.models.base import ModelBase
from django.utils.translation import gettext_lazy
from pynamodb.attributes import (
    Attribute,
    BooleanAttribute,
    JSONAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from kernel import storage
from kernel.dynamo_admin.access import accesses
from kernel.dynamo_admin.plans import PartitionRule
from kernel.dynamo_admin.querysets import DynamoQuerySet
from kernel.storage import InstantAttribute, Item, Row, Write

# Between hash and range key in the one key that Django asks for.
SEPARATOR = "|"
_KEY_LENGTH = 2048
# Counted by the writes of this package, and a condition of each.
_VERSION = "version"

_FIELDS: tuple[tuple[tuple[type[Attribute[Any]], ...], Callable[[], models.Field]], ...] = (
    ((InstantAttribute,), models.DateTimeField),
    ((NumberAttribute,), models.IntegerField),
    ((BooleanAttribute,), models.BooleanField),
    ((JSONAttribute, MapAttribute, ListAttribute, UnicodeSetAttribute), models.JSONField),
    ((UnicodeAttribute,), lambda: models.CharField(max_length=255)),
)


# What attributes are called that many tables have.
_LABELS = {
    "created_at": gettext_lazy("created at"),
    "updated_at": gettext_lazy("changed at"),
    "expires_at": gettext_lazy("kept until"),
    "time_zone": gettext_lazy("time zone"),
    "version": gettext_lazy("version"),
}


def _field_for(attribute: Attribute[Any], label: Any) -> models.Field:
    field = next(make() for kinds, make in _FIELDS if isinstance(attribute, kinds))
    field.verbose_name = label
    if attribute.null:
        field.null = field.blank = True
    return field


class _DynamoModelBase(ModelBase):
    """Makes the fields of a class that names its item class."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> Any:
        item_class = namespace.get("item")
        if item_class is None:
            return super().__new__(cls, name, bases, namespace, **options)
        meta = namespace["Meta"]
        meta.managed = False
        meta.db_table = item_class.Meta.table_name
        meta.base_manager_name = meta.default_manager_name = "objects"
        # Django's default permissions would be asked for in a table of its own; roles decide here.
        meta.default_permissions = ()
        table = accesses(item_class)[0]
        declared = {
            field_name + ("_id" if isinstance(field, models.ForeignKey) else ""): field
            for field_name, field in namespace.items()
            if isinstance(field, models.Field)
        }
        if table.range_name:
            namespace["key"] = models.CharField(primary_key=True, max_length=_KEY_LENGTH, editable=False)
        attributes = item_class.get_attributes()
        # PynamoDB lists them by name; the order of the class body is the author's.
        ordered = [name for base in reversed(item_class.__mro__) for name in vars(base) if name in attributes]
        for attribute_name in dict.fromkeys(ordered):
            field = declared.get(attribute_name)
            if field is None:
                label = (_LABELS | namespace.get("labels", {})).get(attribute_name)
                field = namespace[attribute_name] = _field_for(attributes[attribute_name], label)
            if attribute_name == table.hash_name and not table.range_name:
                field.primary_key = True
            # The order in which Django lists fields.
            field.creation_counter = models.Field.creation_counter
            models.Field.creation_counter += 1
        return super().__new__(cls, name, bases, namespace, **options)


class DynamoModel(models.Model, metaclass=_DynamoModelBase):
    """Base of the Django models of item classes. It is read and written by the admin alone."""

    item: ClassVar[type[Item]]
    # What the attributes are called of which the item class tells all else.
    labels: ClassVar[Mapping[str, Any]] = {}
    # Hash attributes whose partitions are known without a value of their own: see `PartitionRule`. One with no sources
    # and few partitions makes the whole table a list.
    partitions: ClassVar[Mapping[str, PartitionRule]] = {}
    # How far a drill-down by date reaches back and ahead.
    span: ClassVar[tuple[timedelta, timedelta]] = (timedelta(days=3 * 365), timedelta(0))

    objects: ClassVar[Any] = DynamoQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.pk)

    def save(self, *args: Any, **kwargs: Any) -> None:
        raise NotSupportedError("Write it with `save_write`, in a transaction with its audit entry.")

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise NotSupportedError("Delete it with `delete_write`, in a transaction with its audit entry.")

    def validate_unique(self, exclude: Any = None) -> None:
        """As Django's; of a key of two parts, the two together are looked at."""
        super().validate_unique(exclude)
        if not self.row and len(self.key_names()) > 1:
            self.pk = SEPARATOR.join(self.item_key)
            if storage.get_row(self.item, *self.item_key) is not None:
                raise self.unique_error_message(type(self), self.key_names())

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """The object of a row; attributes that the row does not have are None."""
        fields = cls._meta.concrete_fields
        # Forms know lists, and JSON knows no sets.
        row = {name: sorted(value) if isinstance(value, set) else value for name, value in row.items()}
        values = [row.get(field.attname) for field in fields]
        instance = cls.from_db("default", [field.attname for field in fields], values)
        instance.row = row
        if "key" in {field.attname for field in fields}:
            instance.pk = SEPARATOR.join(cls._key_of(row))
        return instance

    @classmethod
    def split_key(cls, key: str) -> tuple[str, ...] | None:
        """The hash key, and the range key if there is one, of what Django knows as `pk`; None if it is no key."""
        if not accesses(cls.item)[0].range_name:
            return (key,) if storage.can_be_key(key) else None
        hash_key, _, range_key = key.rpartition(SEPARATOR)
        return (hash_key, range_key) if storage.can_be_key(hash_key, range_key) else None

    @classmethod
    def key_names(cls) -> tuple[str, ...]:
        """The names of the attributes that are the key."""
        table = accesses(cls.item)[0]
        return (table.hash_name, table.range_name) if table.range_name else (table.hash_name,)

    @classmethod
    def _key_of(cls, row: Row) -> tuple[str, ...]:
        return tuple(str(row[name]) for name in cls.key_names())

    @property
    def row(self) -> Row:
        """As it was read; empty for an object that is new."""
        row: Row = self.__dict__.setdefault("_row", {})
        return row

    @row.setter
    def row(self, row: Row) -> None:
        self.__dict__["_row"] = row

    @property
    def item_key(self) -> tuple[str, ...]:
        """The key of its item."""
        return tuple(str(getattr(self, name)) for name in self.key_names())

    def changed_values(self) -> dict[str, Any]:
        """The attributes that differ from what was read, with their new values; None for those that are removed."""
        attributes = self.item.get_attributes()
        changed: dict[str, Any] = {}
        for field in self._meta.concrete_fields:
            name = field.attname
            if name not in attributes or (name in self.key_names() and self.row) or name == _VERSION:
                continue
            value = getattr(self, name)
            # An optional attribute without contents is not there at all.
            value = None if attributes[name].null and value in ("", [], {}) else value
            if value != self.row.get(name):
                changed[name] = value
        return changed

    def save_write(self, name: str = "item") -> Write:
        """The write that stores it: puts a new one where none is, or changes what differs where nobody else did.

        The condition of a change holds the version, or, where there is none, the old values of the attributes that it
        changes. Attributes that the model does not know stay as they are.
        """
        attributes = self.item.get_attributes()
        changed = self.changed_values()
        if not self.row:
            values = {name: _stored(attributes[name], value) for name, value in changed.items() if value is not None}
            if _VERSION in attributes:
                values[_VERSION] = 1
            return storage.put(name, self.item(**values), condition=self._hash_attribute().does_not_exist())
        actions: list[Action] = []
        condition: Condition = self._hash_attribute().exists()
        for changed_name, value in changed.items():
            attribute, old = attributes[changed_name], self.row.get(changed_name)
            actions.append(attribute.remove() if value is None else attribute.set(_stored(attribute, value)))
            if _VERSION not in attributes:
                condition &= attribute.does_not_exist() if old is None else attribute == _stored(attribute, old)
        if _VERSION in attributes:
            condition &= attributes[_VERSION] == self.row[_VERSION]
            actions.append(attributes[_VERSION].set(self.row[_VERSION] + 1))
        return storage.update(name, self.item, *self.item_key, actions=actions, condition=condition)

    def delete_write(self, name: str = "item") -> Write:
        """The write that deletes it, if it is still what was read."""
        attributes = self.item.get_attributes()
        condition: Condition = self._hash_attribute().exists()
        if _VERSION in attributes:
            condition &= attributes[_VERSION] == self.row[_VERSION]
        return storage.delete(name, self.item, *self.item_key, condition=condition)

    def _hash_attribute(self) -> Attribute[Any]:
        return self.item.get_attributes()[self.key_names()[0]]


def _stored(attribute: Attribute[Any], value: Any) -> Any:
    """The value as the attribute takes it: forms know lists where DynamoDB knows sets."""
    return set(value) if isinstance(attribute, UnicodeSetAttribute) else value
