"""Everything that people can be told. A domain that wants to tell something new adds its kind here.

`{days}` and the like are facts that come with each notification.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Channel = Literal["in_app", "email", "push"]
CHANNELS: tuple[Channel, ...] = ("in_app", "email", "push")
# What reaches everybody: a push reaches only who asked a browser for it.
EVERYBODY: frozenset[Channel] = frozenset({"in_app", "email"})


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    name: str  # "domain.what_happened"
    title: str
    text: str = ""
    about: str  # on the page of preferences
    picture: str = "bell"
    by_default: frozenset[Channel] = frozenset(CHANNELS)
    # Matters of safety and law reach people whatever they chose.
    always: frozenset[Channel] = frozenset()
    # Can wait for a digest, where the person wants one.
    gathers: bool = False
    # Of no concern to anybody else, so nobody else is asked about it.
    for_operators: bool = False


_KINDS = (
    Kind(
        name="privacy.export_ready", title="Your data is ready", text="You can download it for the next seven days.",
        about="When the archive that you asked for is there.", picture="download", always=frozenset({"in_app"}),
    ),
    Kind(
        name="privacy.account_closing", title="Your account is closing",
        text="It is erased in {days} days. Until then you can sign in and keep it.",
        about="When somebody closes your account.", picture="warning", always=EVERYBODY,
    ),
    Kind(
        name="media.failed", title="{name} could not be made ready", text="{reason}",
        about="When a file you uploaded cannot be shown.", picture="warning",
    ),
    Kind(
        name="creators.invited", title="You are invited to the team of {page}", text="As {role}. Say yes or no.",
        about="When a creator asks you into their team.", picture="people", by_default=frozenset({"in_app"}),
    ),
    Kind(
        name="creators.team_joined", title="{name} joined the team of {page}",
        about="When somebody you invited says yes.", picture="people", by_default=frozenset({"in_app"}), gathers=True,
    ),
    Kind(
        name="creators.team_role", title="Your role in the team of {page} is now {role}",
        about="When your role in a team changes.", picture="people",
    ),
    Kind(
        name="creators.team_left", title="You are no longer in the team of {page}",
        about="When somebody takes you out of a team.", picture="people",
    ),
    Kind(
        name="creators.handover_offered", title="{page} is offered to you",
        text="You would own the page and be paid for it. Say yes or no within seven days.",
        about="When an owner wants to give you their page.", picture="key",
    ),
    Kind(
        name="creators.handed_over", title="{page} now belongs to {name}",
        text="You stay in its team as administrator. Your payout account is off the page.",
        about="When somebody takes over a page of yours.", picture="key", always=EVERYBODY,
    ),
    Kind(
        name="creators.can_be_paid", title="{page} can be paid", text="Your payout account is complete.",
        about="When your payout account is ready.", picture="coin",
    ),
    Kind(
        name="creators.account_needs", title="{page} cannot be paid yet",
        text="Our payment provider still asks for: {missing}.",
        about="When your payout account lacks something.", picture="warning", always=frozenset({"in_app"}),
    ),
    Kind(
        name="creators.suspended", title="{page} is suspended", text="{reason} Only its team sees it now.",
        about="When we take your page down.", picture="warning", always=EVERYBODY,
    ),
    Kind(
        name="creators.unsuspended", title="{page} is back", text="It is again what it was before.",
        about="When your page comes back.", picture="done", always=EVERYBODY,
    ),
    Kind(
        name="live.began", title="{page} is live", text="{title}",
        about="When a creator you follow or are a member of goes live, or a stream you wait for begins.", picture="live",
        by_default=frozenset({"in_app"}),
    ),
    Kind(
        name="live.invited", title="{page} asks you to go live together", text="{title}",
        about="When a creator invites you to make a stream with them.", picture="live",
    ),
    Kind(
        name="memberships.joined", title="You are a member of {page}", text="Your tier is {tier}. Everything in it is open to you.",
        about="When you become a member.", picture="heart",
    ),
    Kind(
        name="memberships.ended", title="Your membership of {page} has ended", text="You were in {tier}. You can join again.",
        about="When a membership of yours ends.", picture="heart",
    ),
    Kind(
        name="memberships.ended_unpaid", title="Your membership of {page} has ended",
        text="We could not charge your card. Nothing more is charged. You can join again with another card.",
        about="When a membership ends because it could not be paid.", picture="warning", always=frozenset({"in_app"}),
    ),
    Kind(
        name="memberships.payment_failed", title="Your card was refused for {page}",
        text="You keep {tier} until {until}. Look at your card; we try again: {next}.",
        about="When a renewal cannot be charged.", picture="warning", always=EVERYBODY,
    ),
    Kind(
        name="memberships.recovered", title="Your membership of {page} is paid again", text="Nothing more is to be done.",
        about="When a renewal that failed was charged after all.", picture="heart",
    ),
    Kind(
        name="memberships.trial_ends", title="Your trial of {page} ends on {until}",
        text="Then {price} is charged. If you do not want that, cancel before.",
        about="A few days before a trial ends.", picture="bell", always=EVERYBODY,
    ),
    Kind(
        name="memberships.trial_refused", title="{page} was tried before with this card",
        text="A trial is had once. Nothing was charged; you can join without one.",
        about="When a trial is not possible.", picture="warning", always=frozenset({"in_app"}),
    ),
    Kind(
        name="memberships.doubled", title="You paid twice to join {page}", text="You are a member once. The second payment goes back.",
        about="When a payment goes back to you.", picture="warning", always=EVERYBODY,
    ),
    Kind(
        name="memberships.resumes", title="Your membership of {page} goes on on {until}",
        text="Then {price} is charged again. Cancel or pause it longer if you do not want that.",
        about="A few days before a pause ends.", picture="bell", always=EVERYBODY,
    ),
    Kind(
        name="memberships.stays_paused", title="Your membership of {page} stays paused",
        text="It was to go on today, but: {why} Nothing was charged.",
        about="When a pause could not be ended.", picture="warning", always=frozenset({"in_app"}),
    ),
    Kind(
        name="memberships.price_question", title="{page} asks for a new price of {tier}",
        text="It is {price} from now on. You keep paying {old} unless you agree.",
        about="When a creator asks whether you agree to a new price.", picture="bell",
    ),
    Kind(
        name="memberships.gift_bought", title="Your gift for {page} is ready",
        text="Make its code and hand it on. It can be claimed until {until}.",
        about="When a gift that you bought is ready.", picture="gift", always=frozenset({"in_app"}),
    ),
    Kind(
        name="memberships.gift_claimed", title="{name} claimed your gift for {page}", about="When somebody claims a gift of yours.",
        picture="gift",
    ),
    Kind(
        name="memberships.gift_expires", title="Your gift for {page} is not claimed yet", text="It can be claimed until {until}.",
        about="Before a gift of yours expires.", picture="gift",
    ),
    Kind(
        name="memberships.gift_expired", title="Your gift for {page} was not claimed", text="Its time ended on {until}.",
        about="When a gift of yours expires.", picture="gift",
    ),
    Kind(
        name="memberships.new_member", title="{name} joined {page}", text="As a member of {tier}.",
        about="When somebody joins your page.", picture="heart", by_default=frozenset({"in_app"}), gathers=True,
    ),
    Kind(
        name="memberships.member_left", title="{name} cancelled at {page}", text="They stay in {tier} until {until}.",
        about="When a member of your page cancels.", picture="heart", by_default=frozenset({"in_app"}), gathers=True,
    ),
    Kind(
        name="community.comment", title="{name} commented on {title}", text="{words}",
        about="When somebody comments on your posts.", picture="chat", by_default=frozenset({"in_app"}),
    ),
    Kind(
        name="community.held", title="A comment of {name} waits for you", text="Under {title}: {words}",
        about="When a comment on your page waits for your yes.", picture="chat", by_default=frozenset({"in_app"}),
    ),
    Kind(
        name="community.mentioned", title="{name} names you under {title}", text="{words}",
        about="When somebody names your page in a comment.", picture="chat",
    ),
    Kind(
        name="community.reply", title="{name} answered you", text="{words}", about="When somebody answers a comment of yours.",
        picture="chat",
    ),
    Kind(
        name="community.hearted", title="{page} likes what you said", text="{words}",
        about="When a page gives a comment of yours its heart.", picture="heart", by_default=frozenset({"in_app"}),
    ),
    Kind(
        name="community.reactions", title="{people} reacted to {title}", about="Once a day, how many people reacted to your posts.",
        picture="heart", by_default=frozenset({"in_app"}),
    ),
    Kind(
        name="payments.receipt", title="You paid {amount}", text="{what}. The receipt is there whenever you need it.",
        about="Each time you pay for something, with its receipt.", picture="coin", always=frozenset({"in_app"}),
    ),
    Kind(
        name="payments.refunded", title="{amount} goes back to you", text="{what}. Your bank shows it within ten days.",
        about="When money goes back to you.", picture="coin", always=EVERYBODY,
    ),
    Kind(
        name="payments.gave_up", title="Your card was refused for the last time", text="{amount} was not paid, so the membership ends.",
        about="When a payment failed too often.", picture="warning", always=EVERYBODY,
    ),
    Kind(
        name="payments.tip_received", title="{name} gave you {amount}", text="{message}", about="When somebody gives your page a tip.",
        picture="heart",
    ),
    Kind(
        name="payments.purchase_received", title="{name} bought something for {amount}", text="{what}",
        about="When somebody buys something of your page.", picture="coin",
    ),
    Kind(
        name="payments.refund_asked_for", title="{name} asks for {amount} back",
        text="{what}: {reason} Answer until {due}; then the people who run the platform do.",
        about="When a fan asks your page for a refund.", picture="coin", always=frozenset(CHANNELS),
    ),
    Kind(
        name="payments.refund_declined", title="Your refund was declined",
        text="{what}: {answer} If you see it otherwise, ask once more: then the people who run the platform decide.",
        about="When a page does not give money back.", picture="coin", always=frozenset({"in_app"}),
    ),
    Kind(
        name="payments.refund_declined_for_good", title="There is no refund for this", text="{what}: {answer}",
        about="When the people who run the platform decided about a refund.", picture="coin", always=frozenset({"in_app"}),
    ),
    Kind(
        name="payments.refund_escalated", title="The page did not answer about your refund",
        text="The people who run the platform decide now.",
        about="When a page leaves your request for a refund.", picture="coin", always=frozenset({"in_app"}),
    ),
    Kind(
        name="payments.goal_ended", title="Your goal “{what}” has ended", text="Your fans gave {raised} of {target}.",
        about="When a goal of your page reaches its last day.", picture="star",
    ),
    Kind(
        name="payments.page_closed", title="{page} has closed",
        text="{amount} goes back to you for the time that you paid for and did not get.",
        about="When a page that you paid for closes.", picture="coin", always=frozenset(CHANNELS),
    ),
    Kind(
        name="payments.refund_failed", title="{amount} could not go back", text="{what}. The money is yours again; write to the fan.",
        about="When a refund does not reach the fan.", picture="warning", always=frozenset({"in_app"}),
    ),
    Kind(
        name="payments.disputed", title="A payment of {amount} is disputed", text="{what}. Answer until {due}, or it is lost.",
        about="When a fan's bank takes a payment back.", picture="warning", always=EVERYBODY,
    ),
    Kind(
        name="payments.dispute_won", title="The dispute about {amount} is won", text="{what}. The money is yours again.",
        about="When a dispute is decided for you.", picture="coin", always=frozenset({"in_app"}),
    ),
    Kind(
        name="payments.dispute_lost", title="The dispute about {amount} is lost", text="{what}. The fan has the money back.",
        about="When a dispute is decided against you.", picture="warning", always=frozenset({"in_app"}),
    ),
    Kind(
        name="payments.payout_sent", title="{amount} is on its way to your bank", text="It arrives {when}.",
        about="When you are paid.", picture="coin",
    ),
    Kind(
        name="payments.payout_failed", title="{amount} did not reach your bank", text="{why} It is in your balance again.",
        about="When a payout fails.", picture="warning", always=EVERYBODY,
    ),
    Kind(
        name="content.published", title="{page}: {title}", text="{teaser}",
        about="When a page that you follow or are a member of publishes something.", picture="sparkle", gathers=True,
    ),
    Kind(
        name="platform.alarm", title="Alarm: {name}", text="{about}",
        about="When the platform needs somebody at once.", picture="warning",
        always=EVERYBODY, for_operators=True,
    ),
    Kind(
        name="platform.warning", title="Look at this: {name}", text="{about}",
        about="When something about the platform can wait until morning.", picture="warning", for_operators=True,
    ),
    Kind(
        name="platform.alarm_over", title="It is over: {name}", text="{about}",
        about="When an alarm has ended.", picture="check", for_operators=True,
    ),
    Kind(
        name="platform.welcome", title="Welcome, {name}", text="Choose a picture and say who you are.",
        about="Once, when you begin.", picture="heart", by_default=frozenset({"in_app"}),
    ),
    Kind(
        name="platform.news", title="{title}", text="{text}", about="New things on the platform, a few times a year.",
        picture="sparkle", gathers=True,
    ),
)  # fmt: skip
KINDS = {kind.name: kind for kind in _KINDS}
