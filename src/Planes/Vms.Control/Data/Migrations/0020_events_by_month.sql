-- Events lie in one table a month: what is too old goes with its table, and not row by row.
alter table control.event rename to event_before;
alter table control.event_before drop constraint event_pkey;
drop index control.event_of_camera, control.event_newest_of_tenant, control.event_of_type_of_tenant, control.event_that_lasts;

create table control.event (
    id         text not null,
    at         timestamptz not null,
    end_at     timestamptz,
    type       text not null,
    camera_id  text,
    site_id    text,
    source     text not null,
    data       jsonb not null,
    tenant_id  text not null default 'default',
    changes    integer not null default 0,     -- how often the same event arrived again and said more
    crop       bytea,                          -- JPEG of the object it is about, as its source cut it out
    snapshot   jsonb,                          -- the still that was taken for it: stream, capturedAt, missing, detail
    review     text check (review in ('confirmed', 'false')),
    reviewed_by text,
    reviewed_at timestamptz,
    constraint event_pkey primary key (id, at)
) partition by range (at);
create index event_newest_of_tenant on control.event (tenant_id, at desc, id desc);
create index event_of_camera on control.event (camera_id, at desc, id desc);
create index event_of_type_of_tenant on control.event (tenant_id, type, at desc, id desc);
create index event_that_lasts on control.event using gist (tstzrange(at, greatest(at, end_at), '[]')) where end_at is not null;
-- What few events have: the others cost nothing. No longer than is asked for: an index takes no more than 2704 bytes, and data may hold anything.
create index event_with_plate on control.event (tenant_id, left(data ->> 'plate', 64) text_pattern_ops, at desc) where data ? 'plate';
create index event_with_zone on control.event (tenant_id, left(data ->> 'zone', 128), at desc) where data ? 'zone';
create index event_with_line on control.event (tenant_id, left(data ->> 'line', 128), at desc) where data ? 'line';

-- Clocks that are far off: of no month that has a table.
create table control.event_other partition of control.event default;

-- Makes the table of a month, with what came for it before. Does nothing where there is one.
create function control.add_event_month(month date) returns void language plpgsql as $$
declare
    name text := 'event_' || to_char(month, 'YYYY_MM');
    lower timestamptz := month::timestamp at time zone 'UTC';
    upper timestamptz := (month::timestamp + interval '1 month') at time zone 'UTC';
begin
    if to_regclass('control.' || name) is not null then
        return;
    end if;
    lock table control.event_other in access exclusive mode;
    execute format('create table control.%I (like control.event including defaults including constraints)', name);
    execute format('with moved as (delete from control.event_other where at >= $1 and at < $2 returning *) insert into control.%I select * from moved', name) using lower, upper;
    execute format('alter table control.event attach partition control.%I for values from (%L) to (%L)', name, lower, upper);
end $$;

do $$
declare
    month date;
begin
    for month in
        select distinct date_trunc('month', at at time zone 'UTC')::date from control.event_before
        where at > now() - interval '2 years' and at < now() + interval '2 months'
        union select date_trunc('month', now() at time zone 'UTC')::date
        union select (date_trunc('month', now() at time zone 'UTC') + interval '1 month')::date
    loop
        perform control.add_event_month(month);
    end loop;
end $$;

insert into control.event (id, at, end_at, type, camera_id, site_id, source, data, tenant_id)
select id, at, end_at, type, camera_id, site_id, source, data, tenant_id from control.event_before;
drop table control.event_before;
