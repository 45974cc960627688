"""Who is acting, made storable when it is said."""

import dataclasses
import ipaddress
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgaudit_py.models import Actor

any_text = st.text(st.characters(codec=None))


@dataclass
class User:
    id: object


@dataclass
class Account:
    pk: object
    id: object = "not the key"


class Lazy:
    """A proxy that names the class behind it, as Django's request.user does."""

    id = 7

    @property  # type: ignore[misc]  # what proxies do
    def __class__(self) -> type:
        return User


def test_an_id_becomes_text() -> None:
    key = uuid.uuid4()
    assert [Actor.of(user).id for user in ("alice", 42, 0, key)] == ["alice", "42", "0", str(key)]
    assert Actor.of(42).type is None


def test_an_object_gives_its_key_and_its_class_in_lower_case() -> None:
    assert Actor.of(User(7)) == Actor(id="7", type="user")
    assert Actor.of(Account(7)) == Actor(id="7", type="account")
    assert Actor.of(Lazy()) == Actor(id="7", type="user")


def test_pk_goes_first_unless_it_is_none() -> None:
    assert Actor.of(Account(None, id=3)) == Actor(id="3", type="account")


@pytest.mark.parametrize("user", [None, "", User(None), Account(None, None)])
def test_nobody(user: object) -> None:
    assert Actor.of(user) == Actor()
    assert not Actor.of(user)


@pytest.mark.parametrize(
    "said",
    [
        {"id": 0},
        {"type": "cron"},
        {"ip": "::1"},
        {"user_agent": "x"},
        {"request_id": "x"},
        {"metadata": {"a": 1}},
    ],
)
def test_an_actor_of_whom_anything_is_known_is_true(said: dict[str, Any]) -> None:
    assert Actor(**said)


def test_every_argument_arrives() -> None:
    actor = Actor.of(
        User(7),
        type="admin",
        ip="203.0.113.7",
        user_agent="curl",
        request_id="r1",
        metadata={"route": "/posts"},
    )
    assert dataclasses.asdict(actor) == {
        "id": "7",
        "type": "admin",
        "ip": "203.0.113.7",
        "user_agent": "curl",
        "request_id": "r1",
        "metadata": {"route": "/posts"},
    }


def test_another_actor_is_amended() -> None:
    alice = Actor.of("alice", ip="203.0.113.7", metadata={"a": 1})
    assert Actor.of(alice) == alice
    assert Actor.of(alice, request_id="r1") == dataclasses.replace(alice, request_id="r1")
    assert Actor.of(alice, metadata={}).metadata == {}


def test_addresses_come_in_many_types() -> None:
    assert Actor.of(1, ip=ipaddress.ip_address("::1")).ip == "::1"
    assert Actor.of(1, ip=ipaddress.ip_interface("10.0.0.1/8")).ip == "10.0.0.1/8"


def test_an_ip_that_is_none_is_kept_as_text() -> None:
    actor = Actor.of(1, ip="unknown\0", metadata={"a": 1})
    assert actor.ip is None
    assert actor.metadata == {"a": 1, "_ip": "unknown\N{REPLACEMENT CHARACTER}"}
    assert Actor.of(1, ip="").metadata == {}


def test_reserved_names_are_the_librarys() -> None:
    assert Actor.of(1, ip="nowhere", metadata={"_ip": "forged"}).metadata == {
        "ip": "forged",
        "_ip": "nowhere",
    }


def test_metadata_that_is_no_mapping_is_kept_as_text() -> None:
    assert Actor.of(1, metadata="why").metadata == {"_invalid": "why"}  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["pk", "id"])
def test_an_object_whose_key_cannot_be_read(name: str) -> None:
    def gone(self: object) -> None:
        raise RuntimeError("no connection")

    user = type("Lazy", (), {name: property(gone)})()
    reason = {"_invalid": "the key of this Lazy cannot be read: RuntimeError"}
    assert Actor.of(user) == Actor(metadata=reason)
    assert Actor.of(user, ip="::1", metadata={"a": 1}) == Actor(ip="::1", metadata={"a": 1, **reason})


def test_an_object_is_asked_for_its_id_only_where_it_has_no_pk() -> None:
    class Model:
        pk = 7

        @property
        def id(self) -> int:
            raise RuntimeError("no such column")

    assert Actor.of(Model()) == Actor(id="7", type="model")


def test_an_ip_that_was_none_goes_when_a_good_one_comes() -> None:
    alice = Actor.of("alice", ip="nowhere", metadata={"a": 1})
    assert Actor.of(alice, ip="::1").metadata == {"a": 1}
    assert Actor.of(alice, ip="elsewhere").metadata == {"a": 1, "_ip": "elsewhere"}
    assert Actor.of(alice, metadata={"b": 2}).metadata == {"b": 2, "_ip": "nowhere"}
    assert Actor.of(alice, metadata={"_ip": "forged"}).metadata == {"ip": "forged", "_ip": "nowhere"}
    assert Actor.of(alice, request_id="r1").metadata == alice.metadata


def test_one_huge_integer_leaves_the_rest() -> None:
    huge = 10**5000
    assert Actor(metadata={"a": [1, True, {"n": huge}], "b": (huge, None)}).metadata == {
        "a": [1, True, {"n": "<int>"}],
        "b": ["<int>", None],
    }


def test_a_long_user_agent_is_cut() -> None:
    assert Actor.of(1, user_agent="x" * 10_000_000).user_agent == "x" * 512


@given(any_text, any_text, any_text, any_text, any_text, st.dictionaries(any_text, any_text))
def test_whatever_is_said_can_be_stored(
    id: str, type: str, ip: str, user_agent: str, request_id: str, metadata: dict[str, str]
) -> None:
    actor = Actor.of(id, type=type, ip=ip, user_agent=user_agent, request_id=request_id, metadata=metadata)
    repr(dataclasses.asdict(actor)).encode()
    assert dataclasses.replace(actor) == actor


def test_actors_are_values() -> None:
    assert Actor.of("alice", metadata={"a": 1}) == Actor.of("alice", metadata={"a": 1})
    assert len({Actor.of("alice"), Actor.of("alice"), Actor.of("bob")}) == 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        Actor.of("alice").id = "bob"  # type: ignore[misc]
