-- What is to be told to somebody outside, written in the transaction of what it tells about. A row is delivered at least once.
create table control.outbox (
    seq          bigint generated always as identity primary key,
    tenant_id    text not null,
    channel      text not null,             -- webhook, email, …
    target       text not null,             -- of the channel: a webhook's id, an address, …
    event_id     text not null,
    event_at     timestamptz not null,
    rule_id      text not null default '',
    body         jsonb not null,            -- emptied when it was delivered
    state        text not null default 'waiting' check (state in ('waiting', 'delivered', 'dead')),
    attempts     int not null default 0,
    due_at       timestamptz not null default now(),
    lease_owner  uuid,
    lease_until  timestamptz,
    last_error   text,
    created_at   timestamptz not null default now(),
    finished_at  timestamptz,
    unique (channel, target, event_id, event_at, rule_id)
);
create index outbox_waiting on control.outbox (channel, due_at, seq) where state = 'waiting';
create index outbox_waiting_of_target on control.outbox (channel, target, seq) where state = 'waiting';
create index outbox_dead on control.outbox (tenant_id, seq desc) where state = 'dead';
create index outbox_finished on control.outbox (finished_at) where state <> 'waiting';

-- Where other programs hear what happened, over HTTP.
create table control.webhook (
    id                 text primary key,
    tenant_id          text not null references control.tenant (id),
    name               text not null,
    url                text not null,
    secret_protected   text not null,       -- encrypted with the node key
    enabled            boolean not null,
    generation         bigint not null,
    created_at         timestamptz not null,
    updated_at         timestamptz not null,
    tried_at           timestamptz,         -- the last delivery, and what came of it
    tried_status       int,
    tried_error        text
);
create unique index webhook_name on control.webhook (tenant_id, lower(name));

-- Settings of what there is one of: the operator's MQTT broker, mail server and RabbitMQ.
create table control.integration (
    kind              text primary key,
    settings          jsonb not null,
    secret_protected  text,                 -- a password or a key, encrypted with the node key
    enabled_at        timestamptz,          -- what happened before is not told; null: it is off
    generation        bigint not null,
    updated_at        timestamptz not null
);

-- Other programs that report events over the bus.
create table control.sensor (
    id             text primary key,
    tenant_id      text not null references control.tenant (id),
    site_id        text not null references control.site (id),
    name           text not null,
    password_hash  text not null,           -- bcrypt is what nats-server checks
    created_by     text not null,
    created_at     timestamptz not null
);
create unique index sensor_name on control.sensor (tenant_id, lower(name));

-- Browsers that are told by web push.
create table control.push_subscription (
    id           uuid primary key,
    account_id   uuid not null references control.account (id) on delete cascade,
    endpoint     text not null unique,
    p256dh       text not null,
    auth         text not null,
    browser      text not null,
    created_at   timestamptz not null,
    last_used_at timestamptz
);
create index push_subscription_of_account on control.push_subscription (account_id);

create table control.notification_preference (
    account_id  uuid primary key references control.account (id) on delete cascade,
    settings    jsonb not null,
    updated_at  timestamptz not null
);
