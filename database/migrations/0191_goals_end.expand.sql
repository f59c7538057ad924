-- Goals close on their day.
create index goals_ending on goals (ends_at) where state = 'open' and ends_at is not null;
