"""For an application that must write to two places itself: never a blind second write, but an outbox in the transaction of the first."""
