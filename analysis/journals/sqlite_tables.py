"""What is asked of SQLite: every statement of the journal, as functions over a connection. No threads, no transactions.

Events lie in two tables (see migrations/0001_start.sql). In the daybook they lie as they arrive, so that one commit
touches one page however many conversations speak in it; `file_daybook` moves them to the ledger, where a conversation's
events lie together. A row is in exactly one of the two, readers merge them by number, and a row too large to be moved
about goes to the ledger at once. On our machine this halves the cost of a delta against a ledger alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import apsw
import orjson

from analysis.errors import CallerError
from analysis.events import ConversationRenamed, Event, MessageComplete, MessageStart
from analysis.journals.journal import Conversation, StoredDocument
from analysis.journals.rows import Row, size, to_json

LARGE = 2_000  # bytes of a row that goes to the ledger at once

_ADD = "insert into daybook (conversation, first_seq, count, at, type, data, private) values (?, ?, ?, ?, ?, ?, ?)"
_ADD_LARGE = "insert into ledger (place, count, at, type, data, private) values (? << 32 | ?, ?, ?, ?, ?, ?)"
_FILE = """
insert into ledger (place, count, at, type, data, private)
select conversation << 32 | first_seq, count, at, type, data, private from daybook order by conversation, first_seq
"""
# The ledger row in which :first lies is the last one that begins at or before it.
_READ = """
select :key, place & 0xffffffff, count, at, type, data, private from (
  select place, count, at, type, data, private from ledger
  where place <= :key << 32 | 0xffffffff and place >= coalesce(
    (select max(place) from ledger where place > :key << 32 and place <= :key << 32 | :first), :key << 32)
  union all
  select conversation << 32 | first_seq as place, count, at, type, data, private from daybook
  where conversation = :key and first_seq + count > :first
  order by place limit :rows)
"""
_FILED = """
ifnull((select (place & 0xffffffff) + count - 1 from ledger
        where place between key << 32 and key << 32 | 0xffffffff order by place desc limit 1), 0)
"""
_HEAD = f"""
select key, max({_FILED}, ifnull((select max(first_seq + count - 1) from daybook where conversation = key), 0))
from conversations where conversation_id = ?
"""
_CONVERSATIONS = f"""
select conversation_id, owner, title, created_at, max({_FILED}, ifnull(recent.last, 0)), settings from conversations
left join (select conversation, max(first_seq + count - 1) as last from daybook group by conversation) as recent
  on recent.conversation = key
where owner = :owner
"""
_DOCUMENTS = """
select document_id, owner, name, media_type, sha256, bytes, created_at, card from documents where owner = :owner
"""


Head = tuple[int, int]
"""Where a conversation stands: its key in the tables and its last number."""


def head(connection: apsw.Connection, conversation_id: str) -> Head | None:
    """None when there is no such conversation."""
    head: Head | None = connection.execute(_HEAD, (conversation_id,)).fetchone()
    return head


def last_seq(connection: apsw.Connection, conversation_id: str) -> int | None:
    """The last number of a conversation; None when there is no such conversation."""
    found = head(connection, conversation_id)
    return found and found[1]


def add(connection: apsw.Connection, rows: Sequence[Row]) -> None:
    """Put rows, each with its conversation's key, where they belong."""
    small: list[Row] = []
    large: list[Row] = []
    for row in rows:
        (small if size(row) < LARGE else large).append(row)
    if small:
        connection.executemany(_ADD, small)
    if large:
        connection.executemany(_ADD_LARGE, large)


def note(connection: apsw.Connection, key: int, event: Event) -> None:
    """What changes in other tables because of an event, if anything does."""
    if type(event) is MessageStart:
        connection.execute("insert or ignore into open_messages values (?, ?)", (key, event.message_id))
    elif type(event) is MessageComplete:
        where = "delete from open_messages where conversation = ? and message_id = ?"
        connection.execute(where, (key, event.message_id))
    elif type(event) is ConversationRenamed:
        connection.execute("update conversations set title = ? where key = ?", (event.title, key))


def file_daybook(connection: apsw.Connection) -> None:
    """Move the daybook's rows to the ledger."""
    connection.execute(_FILE)
    connection.execute("delete from daybook")


def daybook_rows(connection: apsw.Connection) -> int:
    """How many rows wait in the daybook."""
    rows: list[Any] = connection.execute("select count(*) from daybook").fetchall()
    return int(rows[0][0])


def read(connection: apsw.Connection, conversation_id: str, after: int, at_most: int) -> list[Row]:
    """The first rows that hold numbers above `after`, in order; the first may begin before it. At most so many."""
    found = connection.execute("select key from conversations where conversation_id = ?", (conversation_id,)).fetchone()
    if found is None:
        return []
    first = min(max(after, 0) + 1, 0xFFFFFFFF)  # beyond lies another conversation
    asked = {"key": found[0], "first": first, "rows": at_most}
    rows: list[Any] = connection.execute(_READ, asked).fetchall()
    return rows


def create(connection: apsw.Connection, conversation: Conversation) -> None:
    """A conversation's row. CallerError `conversation_exists` when its id is taken."""
    conversation_id = conversation.conversation_id
    if connection.execute("select 1 from conversations where conversation_id = ?", (conversation_id,)).fetchone():
        raise CallerError("conversation_exists", f"The conversation id {conversation_id!r} is taken; choose another.")
    connection.execute(
        "insert into conversations (conversation_id, owner, title, created_at, settings) values (?, ?, ?, ?, ?)",
        (
            conversation_id,
            conversation.owner,
            conversation.title,
            conversation.created_at,
            to_json(conversation.settings),
        ),
    )


def conversation(connection: apsw.Connection, conversation_id: str, owner: str) -> Conversation | None:
    """An owner's conversation."""
    asked = {"owner": owner, "id": conversation_id}
    row = connection.execute(_CONVERSATIONS + "and conversation_id = :id", asked).fetchone()
    return row and _conversation(row)


def conversations(connection: apsw.Connection, owner: str, limit: int, before: str | None) -> list[Conversation]:
    """An owner's conversations, newest first, at most `limit`. CallerError `unknown_cursor`."""
    asked = {"owner": owner, "limit": max(limit, 0), "below": _below(connection, "conversation", owner, before)}
    query = _CONVERSATIONS + "and (:below is null or key < :below) order by key desc limit :limit"
    return [_conversation(row) for row in connection.execute(query, asked)]


def delete(connection: apsw.Connection, conversation_id: str, owner: str) -> bool:
    """Remove a conversation and everything that was said in it."""
    asked = "select key from conversations where conversation_id = ? and owner = ?"
    found = connection.execute(asked, (conversation_id, owner)).fetchone()
    if found is None:
        return False
    asked = "delete from ledger where place between :key << 32 and :key << 32 | 0xffffffff"
    connection.execute(asked, {"key": found[0]})
    for table, column in (("daybook", "conversation"), ("open_messages", "conversation"), ("conversations", "key")):
        connection.execute(f"delete from {table} where {column} = ?", found)
    return True


def running(connection: apsw.Connection) -> list[str]:
    """The ids of conversations that hold a message without its end."""
    query = (
        "select conversation_id from conversations where key in (select conversation from open_messages) order by key"
    )
    return [row[0] for row in connection.execute(query)]


def put_document(connection: apsw.Connection, document: StoredDocument) -> None:
    """Insert or replace an owner's document; a replaced one keeps its place in the list."""
    connection.execute(
        """
        insert into documents (document_id, owner, name, media_type, sha256, bytes, created_at, card)
        values (?, ?, ?, ?, ?, ?, ?, ?)
        on conflict (owner, document_id) do update set name = excluded.name, media_type = excluded.media_type,
          sha256 = excluded.sha256, bytes = excluded.bytes, created_at = excluded.created_at, card = excluded.card
        """,
        (
            document.document_id,
            document.owner,
            document.name,
            document.media_type,
            document.sha256,
            document.bytes,
            document.created_at,
            to_json(document.card),
        ),
    )


def document(connection: apsw.Connection, document_id: str, owner: str) -> StoredDocument | None:
    """An owner's document."""
    asked = {"owner": owner, "id": document_id}
    row = connection.execute(_DOCUMENTS + "and document_id = :id", asked).fetchone()
    return row and _document(row)


def documents(connection: apsw.Connection, owner: str, limit: int, before: str | None) -> list[StoredDocument]:
    """An owner's documents, newest first, at most `limit`. CallerError `unknown_cursor`."""
    asked = {"owner": owner, "limit": max(limit, 0), "below": _below(connection, "document", owner, before)}
    query = _DOCUMENTS + "and (:below is null or key < :below) order by key desc limit :limit"
    return [_document(row) for row in connection.execute(query, asked)]


def documents_with(connection: apsw.Connection, sha256: str) -> int:
    """How many documents of any owner are these bytes."""
    (count,) = connection.execute("select count(*) from documents where sha256 = ?", (sha256,)).fetchone() or (0,)
    return int(count)


def delete_document(connection: apsw.Connection, document_id: str, owner: str) -> bool:
    """Forget an owner's document."""
    asked = "delete from documents where document_id = ? and owner = ?"
    connection.execute(asked, (document_id, owner))
    return connection.changes() > 0


def _below(connection: apsw.Connection, noun: str, owner: str, before: str | None) -> int | None:
    """The key of the last item of the page before. It may have been deleted meanwhile; an empty page would hide the rest."""
    if before is None:
        return None
    asked = f"select key from {noun}s where {noun}_id = ? and owner = ?"
    found = connection.execute(asked, (before, owner)).fetchone()
    if found is None:
        raise CallerError("unknown_cursor", f"The list cannot go on after {before!r}, which is gone; start it again.")
    return int(found[0])


def _conversation(row: Sequence[Any]) -> Conversation:
    conversation_id, owner, title, created_at, last, settings = row
    return Conversation(conversation_id, owner, title, created_at, last, orjson.loads(settings))


def _document(row: Sequence[Any]) -> StoredDocument:
    document_id, owner, name, media_type, sha256, size, created_at, card = row
    return StoredDocument(document_id, owner, name, media_type, sha256, size, created_at, orjson.loads(card))
