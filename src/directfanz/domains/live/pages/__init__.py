"""Pages of this domain; the API's description leaves them out."""

from directfanz.domains.live.pages import nearby, running, showing, studio, watching

routes = [*nearby.routes, *watching.routes, *studio.routes, *running.routes, *showing.routes]
