-- Other installations whose cameras and events are shown here. The certificate is pinned by its SHA-256, lower-case hex.
create table control.server (
    id                  text primary key,
    name                text not null,
    address             text not null,             -- https://host:port, as an administrator wrote it
    api_key_protected   text not null,             -- encrypted with the node key
    certificate_sha256  text,                      -- null: the system's certificate authorities decide
    generation          bigint not null,
    created_at          timestamptz not null,
    updated_at          timestamptz not null
);
create unique index server_name on control.server (lower(name));
create unique index server_address on control.server (address);

-- Events of a type are asked of one tenant.
drop index control.event_of_type;
create index event_of_type_of_tenant on control.event (tenant_id, type, at desc, id desc);

-- Timelines ask which events had begun before a moment and went on then.
create index event_that_lasts on control.event using gist (tstzrange(at, greatest(at, end_at), '[]')) where end_at is not null;
