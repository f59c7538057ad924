-- A fan asks for their money back. The page answers within some days; then an operator does.

create table refund_requests (
    id          uuid primary key,
    order_id    uuid not null references orders,
    creator_id  uuid not null references creators,
    user_id     uuid not null references users,
    reason      text not null check (length(reason) <= 500),
    -- `open` is with the page, `escalated` with an operator.
    state       text not null check (state in ('open', 'escalated', 'approved', 'declined', 'withdrawn')),
    asked_at    timestamptz not null,
    due_at      timestamptz not null,
    answer      text not null default '' check (length(answer) <= 500),
    answered_by uuid references users,
    answered_at timestamptz,
    -- Declined by an operator: there is nobody else to ask.
    final       boolean not null default false,
    refund_id   uuid references refunds,
    constraint refund_requests_answered check ((answered_at is null) = (state in ('open', 'escalated'))),
    constraint refund_requests_approved check (refund_id is null or state = 'approved')
);
create unique index refund_requests_one on refund_requests (order_id) where state in ('open', 'escalated');
create index refund_requests_order on refund_requests (order_id, id desc);
create index refund_requests_of on refund_requests (creator_id, id desc);
create index refund_requests_by on refund_requests (user_id);
create index refund_requests_due on refund_requests (due_at) where state = 'open';
create index refund_requests_escalated on refund_requests (asked_at) where state = 'escalated';
create index refund_requests_answered_by on refund_requests (answered_by) where answered_by is not null;
create index refund_requests_refund on refund_requests (refund_id) where refund_id is not null;
