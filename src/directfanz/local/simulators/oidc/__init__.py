"""An OpenID Connect provider for one machine: honest by default, and a liar in any one way when asked."""
