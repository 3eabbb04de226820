-- Everything has an owner: a conversation and a document by their own column, events through their conversation.
-- `key` is never used twice (autoincrement), because it is part of where a conversation's events lie.
create table conversations (
    key integer primary key autoincrement,
    conversation_id text not null unique,
    owner text not null,
    title text not null,
    created_at text not null,
    settings blob not null
) strict;
create index conversations_of_owner on conversations (owner);

-- The daybook: rows in the order they arrive, whosoever they are. A commit then touches one page, not one for every
-- conversation that speaks. It holds a few thousand rows at most and is scanned, never searched.
create table daybook (
    place integer primary key,
    conversation integer not null,
    first_seq integer not null,
    count integer not null,
    at text not null,
    type text not null,
    data blob not null,
    private blob
) strict;

-- The ledger: the same rows by conversation, filed from the daybook now and then. place = conversation << 32 | first_seq
create table ledger (
    place integer primary key,
    count integer not null,
    at text not null,
    type text not null,
    data blob not null,
    private blob
) strict;

-- Messages that have begun and not ended: what a crash leaves open is found without reading any events.
create table open_messages (
    conversation integer not null,
    message_id text not null,
    primary key (conversation, message_id)
) strict, without rowid;

create table documents (
    key integer primary key autoincrement,
    document_id text not null,
    owner text not null,
    name text not null,
    media_type text not null,
    sha256 text not null,
    bytes integer not null,
    created_at text not null,
    card blob not null,
    unique (owner, document_id)
) strict;
create index documents_of_owner on documents (owner);
create index documents_by_content on documents (sha256);
