-- Payouts of which the provider has still something to tell, or had just now.
create index payouts_told on payouts (ended_at) where state in ('transferred', 'submitted', 'paid', 'failed');
