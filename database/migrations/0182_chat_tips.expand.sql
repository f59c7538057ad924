-- A tip can be given in a chat: then its order names the room, and it is shown there once it is paid.
alter table orders drop constraint orders_purchase_of;
alter table orders add constraint orders_purchase_of check (kind <> 'purchase' or (object_id is not null and object_kind is not null));
alter table orders add constraint orders_object_of check (object_id is null or kind in ('purchase', 'tip'));
create unique index chat_events_tips on chat_events (room_id, (facts->>'order')) where kind = 'tip';
