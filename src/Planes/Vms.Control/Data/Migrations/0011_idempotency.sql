-- What a create answered, for whoever asks again with the same Idempotency-Key within a day.
create table control.idempotent_answer (
    account_id   uuid not null,
    key          text not null,
    request_hash bytea not null,          -- SHA-256 of method, path and body
    created_at   timestamptz not null,
    status       int,                     -- null until it is answered
    headers      jsonb,
    body_sealed  text,                    -- encrypted: an answer may say what nobody is told twice
    primary key (account_id, key)
);

create index idempotent_answer_by_age on control.idempotent_answer (created_at);
