-- What is to be done when something happens.
create table control.rule (
    id          text primary key,
    tenant_id   text not null,
    name        text not null,
    enabled     boolean not null,
    settings    jsonb not null,        -- site, when, cool-down, actions
    created_by  text not null,
    created_at  timestamptz not null,
    updated_at  timestamptz not null
);
create index rule_of_tenant on control.rule (tenant_id, lower(name), id);

-- When a rule fired last for a camera ('' for what concerns none), by the time of the event: its cool-down survives a restart.
create table control.rule_fired (
    rule_id    text not null,
    camera_id  text not null,
    at         timestamptz not null,
    primary key (rule_id, camera_id)
);

create table control.plate_list (
    id          text primary key,
    tenant_id   text not null,
    name        text not null,
    note        text not null,
    entries     jsonb not null,        -- [{plate, note}], plates in capital letters and digits alone
    created_at  timestamptz not null,
    updated_at  timestamptz not null
);
create unique index plate_list_name on control.plate_list (tenant_id, lower(name));

-- An event that somebody has to acknowledge. It outlives its event.
create table control.alarm (
    id                text primary key,
    tenant_id         text not null,
    rule_id           text,
    rule_name         text not null,
    event_id          text not null,
    event_at          timestamptz not null,
    event_type        text not null,
    camera_id         text,
    site_id           text,
    title             text not null,
    severity          text not null check (severity in ('info', 'warning', 'critical')),
    state             text not null check (state in ('open', 'acknowledged', 'closed')),
    at                timestamptz not null,
    assigned_to       text,
    acknowledged_by   text,
    acknowledged_at   timestamptz,
    closed_by         text,
    closed_at         timestamptz,
    comments          jsonb not null default '[]',     -- [{by, at, text}]
    escalation        jsonb not null default '[]',     -- who hears of it next: [{afterMinutes, channel, target}]
    escalation_step   integer not null default 0,
    escalate_at       timestamptz,
    updated_at        timestamptz not null,
    constraint alarm_of_event unique (rule_id, event_id, event_at)
);
create index alarm_newest on control.alarm (tenant_id, at desc, id desc);
create index alarm_not_closed on control.alarm (tenant_id, at desc, id desc) where state <> 'closed';
create index alarm_to_escalate on control.alarm (escalate_at) where state = 'open' and escalate_at is not null;
