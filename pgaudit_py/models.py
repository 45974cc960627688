"""What goes in and comes out, as frozen dataclasses without any I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, TypeAlias

from pgaudit_py import sanitise

IPAddress: TypeAlias = str | IPv4Address | IPv6Address | IPv4Interface | IPv6Interface


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is acting, as an application says; the database records it as the causer.

    Every field is made storable when an actor is made (module sanitise), so that binding one never fails:
    texts hold at most 512 characters, an `ip` that is no address moves to `metadata["_ip"]`, and metadata
    beyond 8 kB becomes text under `metadata["_invalid"]`. An actor of whom nothing is known is false.
    """

    id: str | None = None
    type: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    request_id: str | None = None
    metadata: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        said = sanitise.optional_text(self.ip)
        ip = sanitise.inet(said) if said else None
        own = {"_ip": said} if said and ip is None else None
        self._assign("ip", ip)
        self._assign("metadata", sanitise.metadata(self.metadata, own))
        for name in ("id", "type", "user_agent", "request_id"):
            self._assign(name, sanitise.optional_text(getattr(self, name)))

    def _assign(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)  # how a frozen dataclass initialises itself

    def __bool__(self) -> bool:
        return any((self.id, self.type, self.ip, self.user_agent, self.request_id, self.metadata))

    @classmethod
    def of(
        cls,
        user: object,
        *,
        type: str | None = None,
        ip: IPAddress | None = None,
        user_agent: str | None = None,
        request_id: str | None = None,
        metadata: Mapping[str, object] | None = None,
    ) -> Actor:
        """Describe who is acting.

        Args:
            user: an id (int, str, UUID, …); an object with `.pk` or `.id`, whose lower-cased class name
                becomes the type; another Actor, which the other arguments amend; or None for nobody. An
                object whose key is None (an anonymous or unsaved user) is nobody, and so is one whose key raises,
                with `metadata["_invalid"]` saying so.
            type: what kind of causer, instead of the class name.
            ip: the client's address, with or without a prefix length.
            user_agent: the client's program; cut at 512 characters, as all texts are.
            request_id: the id by which your own logs know this request.
            metadata: anything else that JSON can say, up to 8 kB; leading underscores of its keys are taken
                off, since such names are the library's.

        Returns:
            The actor. Garbage raises nothing: it is replaced or kept as text, so that no write fails for it.
        """
        known = user if isinstance(user, Actor) else _identify(user)
        if metadata is None:
            named: object = {name: item for name, item in known.metadata.items() if name != "_ip"}
        else:
            named = sanitise.rename_reserved(metadata)
            if isinstance(named, dict):
                named |= {name: item for name, item in known.metadata.items() if name == "_invalid"}
        said: dict[str, Any] = {
            "type": type,
            "ip": known.metadata.get("_ip")
            if ip is None and known.ip is None
            else ip,  # still none: it goes where it was
            "user_agent": user_agent,
            "request_id": request_id,
            "metadata": named,
        }
        return replace(known, **{name: value for name, value in said.items() if value is not None})


def _identify(user: object) -> Actor:
    """Tell an object that has a key from an id; `.pk` goes first, in Django it is the key by definition."""
    try:
        keyed = False
        for name in ("pk", "id"):
            if not hasattr(user, name):
                continue
            keyed = True
            if (key := getattr(user, name)) is not None:
                # __class__, not type(): a lazy proxy (Django's request.user) names the class behind it.
                return Actor(id=key, type=user.__class__.__name__.lower())
    except Exception as error:  # a property of somebody's: a lazy one may ask a database that is gone
        name = type(user).__name__
        return Actor(metadata={"_invalid": f"the key of this {name} cannot be read: {type(error).__name__}"})
    return Actor() if keyed else Actor(id=user)  # type: ignore[arg-type]  # made text there


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an audited table, and how its values are written."""

    name: str
    number: int
    """attnum: who the column is, whatever it is called by now."""
    type: str
    encoding: str
    """json, float, jsonb or text: see sql/functions/encoding_of.sql."""
    settings: tuple[str, ...] = ()
    """Session settings that its values depend on as they are written."""
    text_settings: tuple[str, ...] = ()
    """Those that they depend on as text, in a key."""
    generated: bool = False
    identity: bool = False
    short: bool = False
    """Whether no value has more than 16 bytes."""
    longest: int | None = None
    """How many bytes a value's text has at most; None where nobody knows."""
    toastable: bool = False
    plain_equality: bool = False
    """Whether two equal values of the type have equal bytes."""
    not_null: bool = False
    generated_from: tuple[int, ...] = ()
    """Numbers of the columns that a generated one is made from."""
    redacted: bool = False
    """Whether only that it changed is kept."""
    paths: tuple[tuple[str, ...], ...] = ()
    """Of a jsonb column, what is cut out of its values."""


@dataclass(frozen=True, slots=True)
class TableShape:
    """What the catalog says about a table: its columns and its key."""

    oid: int
    schema_name: str
    table_name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """Names of the key's columns in the key's order; empty where the table has none."""
    fingerprint: str
    """Sum of number, name and type of the columns, as pgaudit_py.fingerprint() gives it."""
    definer: str
    """The owner of the log, as which its capture functions run."""
    owner: str = ""
    partitioned: bool = False
    partitions: tuple[tuple[str, str], ...] = ()
    """Schema and name of those that it has now, of all levels."""

    @property
    def key_columns(self) -> tuple[Column, ...]:
        """The columns of the key, in its order."""
        by_name = {column.name: column for column in self.columns}
        return tuple(by_name[name] for name in self.key)

    @property
    def full_name(self) -> str:
        """Its name with its schema, for messages."""
        return f"{self.schema_name}.{self.table_name}"

    @property
    def subject_type(self) -> str:
        """What its records are called where nothing else is asked for: `posts`, or `shop.posts` outside public."""
        if self.schema_name == "public":
            return self.table_name
        return self.full_name
