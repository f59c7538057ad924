"""Pages of this domain; the API's description leaves them out."""

from directfanz.domains.live.pages import running, showing, studio, watching

routes = [*watching.routes, *studio.routes, *running.routes, *showing.routes]
