-- The audit log as a chain: what is in it cannot be changed unnoticed (docs/design/audit.md).
alter table control.audit add column seq bigint constraint audit_seq unique;
alter table control.audit add column hash bytea;
alter table control.audit add constraint audit_sealed check ((seq is null) = (hash is null));
create index audit_unsealed on control.audit (id) where seq is null;

-- The newest sealed entry of each day, signed by the installation.
create table control.audit_head (
    day        date primary key,
    seq        bigint not null,
    hash       bytea not null,
    at         timestamptz not null,
    key_id     text not null,
    signature  bytea not null
);

-- Against mistakes, not against whoever owns the database: that is what the chain is for. An entry may be sealed, once.
create function control.audit_is_append_only() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if old.seq is null and new.seq is not null and to_jsonb(new) - 'seq' - 'hash' = to_jsonb(old) - 'seq' - 'hash' then
            return new;
        end if;
    end if;
    raise exception 'the audit log is append-only' using errcode = 'integrity_constraint_violation';
end
$$;
create trigger audit_append_only before update or delete on control.audit for each row execute function control.audit_is_append_only();
create trigger audit_not_emptied before truncate on control.audit for each statement execute function control.audit_is_append_only();
