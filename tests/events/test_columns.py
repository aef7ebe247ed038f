from typing import Annotated, ClassVar

import msgspec
import pytest

from events.catalogue import CATALOGUE
from events.columns import columns
from events.envelope import Event


class Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    part_name: str
    weight: float


class Packed(Event, frozen=True, kw_only=True):
    name: ClassVar[str] = "parcel.packed"
    source: ClassVar[str] = "parcels"

    parcel_id: Annotated[str, msgspec.Meta(min_length=1)]
    parts: tuple[Part, ...]
    fragile: bool
    note: str | None = None
    labels: dict[str, str] = msgspec.field(default_factory=dict)


class Counted(Event, frozen=True, kw_only=True):
    name: ClassVar[str] = "parcel.counted"
    source: ClassVar[str] = "parcels"

    parcel_id: str
    count: Annotated[int, msgspec.Meta(ge=0)]


class Renumbered(Event, frozen=True, kw_only=True):
    name: ClassVar[str] = "parcel.renumbered"
    source: ClassVar[str] = "parcels"

    parcel_id: int


class Ambiguous(Event, frozen=True, kw_only=True):
    name: ClassVar[str] = "parcel.lost"
    source: ClassVar[str] = "parcels"

    where: str | int


class Raw(Event, frozen=True, kw_only=True):
    name: ClassVar[str] = "parcel.scanned"
    source: ClassVar[str] = "parcels"

    image: bytes


def test_the_columns_are_those_of_the_envelope():
    assert [one.name for one in columns(CATALOGUE)] == [
        *("version", "id", "source", "type", "time", "data", "metadata")
    ]


def test_data_has_the_fields_of_all_events_in_the_types_of_hive():
    types = dict(columns((Packed, Counted)))

    assert types["time"] == "string"
    assert types["data"] == (
        "struct<count:bigint,fragile:boolean,labels:map<string,string>,note:string,"
        "parcelid:string,parts:array<struct<partname:string,weight:double>>>"
    )


def test_two_types_of_one_field_are_refused():
    with pytest.raises(
        ValueError,
        match=r"^parcel.counted has the field 'parcelid' as string, parcel.renumbered as bigint;",
    ):
        columns((Counted, Renumbered))


def test_a_field_of_several_types_is_refused():
    with pytest.raises(ValueError, match=r"it cannot be any of \['string', 'bigint'\]$"):
        columns((Ambiguous,))


def test_a_type_that_hive_lacks_is_refused():
    with pytest.raises(ValueError, match=r"BytesType.* has no counterpart in Hive; take one of"):
        columns((Raw,))
