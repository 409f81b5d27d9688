-- The archive's index. Every row comes from the pool's journal as an upsert: a row changes only to a higher version, and a
-- deleted segment leaves a tombstone, so that any prefix of the journal may be applied again without harm.

-- Narrow on purpose: "what exists?" reads only segment_by_time.
create table recorder.segment (
    id uuid primary key,                -- version 7, ascending per stream: the recording order whatever the wall clock did
    camera_id text not null,
    stream text not null,
    epoch bigint not null,              -- of the stream log, of the first sample
    first_sequence bigint not null,
    last_sequence bigint not null,
    start_time timestamptz not null,    -- capture time of the first sample
    end_time timestamptz not null,      -- of the last sample, its duration included
    path text not null,                 -- relative to the pool, with '/'
    bytes bigint not null,
    init_bytes int not null,
    tracks bytea not null,
    closed boolean not null,
    version int not null
);

create index segment_by_time on recorder.segment (camera_id, stream, start_time) include (end_time, id, closed);

-- Where each fragment is; written once, when the segment closes.
create table recorder.segment_gops (
    segment_id uuid primary key,
    gops bytea not null
);

-- Recorded seconds plus these are wall time for a continuous recording.
create table recorder.gap (
    id uuid primary key,
    camera_id text not null,
    stream text not null,
    from_time timestamptz not null,
    to_time timestamptz not null,
    cause text not null,
    version int not null
);

create index gap_by_time on recorder.gap (camera_id, stream, to_time) include (from_time, cause);

-- What was deleted, when and why; the tombstone that keeps an old journal from bringing it back. Kept 30 days.
create table recorder.deletion (
    segment_id uuid primary key,
    camera_id text not null,
    stream text not null,
    start_time timestamptz not null,
    path text not null,
    bytes bigint not null,
    reason text not null,
    deleted_at timestamptz not null,
    version int not null
);

create index deletion_by_age on recorder.deletion (deleted_at);
