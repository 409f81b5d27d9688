-- Whether a reported event is on record already is asked with each report that has an id of its own.
create index audit_of_report on control.audit ((detail ->> 'id')) where action = 'event.reported';
