export interface ChatEvent {
  position: number;
  id: string;
  kind: string;
  said_at: string;
  user_id?: string;
  name?: string;
  standing?: "team" | "member";
  tier?: string;
  body?: string;
  hidden?: boolean;
  facts?: Record<string, unknown>;
}

export interface Poll {
  id: string;
  question: string;
  options: string[];
  closes_at: string;
}

export interface Tally {
  poll: Poll;
  votes: number[];
  mine: number | null;
}

export interface Entered {
  type: "chat_entered";
  room: string;
  title: string;
  state: "open" | "closed";
  epoch: string;
  last: number;
  anew: boolean;
  events: ChatEvent[];
  slow_seconds: number;
  members_only: boolean;
  standing: string;
  moderates: boolean;
  speaks: boolean;
  why_not: string;
  pinned: ChatEvent | null;
  poll: Tally | null;
}

export interface Refused {
  type: "chat_refused";
  room: string;
  code: string;
  message: string;
  may_retry: boolean;
  nonce: string;
  retry_after_seconds: number | null;
}
