-- How often a rule fired, by the UTC day of the events: what a list of rules says of them.
create table control.rule_day (
    rule_id  text not null,
    day      date not null,
    fired    bigint not null,
    last_at  timestamptz not null,
    primary key (rule_id, day)
);
