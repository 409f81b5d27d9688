-- What was taken away while something issued before can still be alive: tickets, open streams. The planes with viewers are told.
create table control.revocation (
    generation  bigint primary key generated always as identity,
    id          uuid not null default gen_random_uuid(),    -- of this one alone: after a backup was restored, a number may come a second time
    account_id  uuid,              -- account or API key, which may be gone by now; null: everybody
    sign_in_id  uuid,              -- only what was begun in it; null: in any
    cameras     text[],            -- null: all
    rights      integer not null,  -- bits, as the planes know them
    not_before  timestamptz not null,
    created_at  timestamptz not null
);
create index revocation_account on control.revocation (account_id);

-- Who could view what when that was looked at last: what somebody has lost is the difference to now, also across a restart.
create table control.viewing_rights (
    only_one  boolean primary key default true check (only_one),
    rights    bytea not null
);

alter table control.sign_in add column viewing_ended_at timestamptz;
update control.sign_in set viewing_ended_at = ended_at where ended_at is not null;
create index sign_in_viewing on control.sign_in (id) where ended_at is not null and viewing_ended_at is null;

-- Up to where the planes' reports of who watched are in the audit log.
create table control.viewing_reported (
    plane     text primary key,
    epoch     uuid not null,
    sequence  bigint not null
);
