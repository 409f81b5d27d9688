-- What was asked to be burnt into an export's pictures; null where they leave as they were recorded.
alter table control.export add column burn_in jsonb;
