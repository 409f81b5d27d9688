-- Accounts of people whom the organisation's identity provider vouches for. Their roles are what its groups said at the last sign-in.
create table control.external_identity (
    issuer           text not null,
    subject          text not null,
    account_id       uuid not null references control.account (id) on delete cascade,
    roles            text[] not null,
    last_sign_in_at  timestamptz not null,
    primary key (issuer, subject)
);
create index external_identity_account on control.external_identity (account_id);
