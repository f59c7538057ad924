"""What moto makes and cannot remove: it keeps them in its own records, so they are taken out there."""

from __future__ import annotations

from moto.backends import get_backend
from moto.s3.models import FakeDeleteMarker

from tests.support.stand_in.memory import ACCOUNT, Told, answers

REGION = "us-east-1"


class _Light:
    """A delete marker holds nothing to let go of; moto asks it to when versions are switched off, as Terraform does before it empties."""

    def dispose(self, garbage: bool = False) -> None: ...


FakeDeleteMarker.dispose = _Light.dispose  # type: ignore[attr-defined]


@answers("codedeploy.DeleteDeploymentGroup")
def _delete_group(told: Told) -> Told:
    groups = get_backend("codedeploy")[ACCOUNT][REGION].deployment_groups
    groups.get(told["applicationName"], {}).pop(told["deploymentGroupName"], None)
    return {"hooksNotCleanedUp": []}


@answers("codedeploy.DeleteApplication")
def _delete_application(told: Told) -> Told:
    backend = get_backend("codedeploy")[ACCOUNT][REGION]
    backend.applications.pop(told["applicationName"], None)
    backend.deployment_groups.pop(told["applicationName"], None)
    return {}


@answers("cloudfront.DeleteKeyGroup")
def _delete_key_group(told: Told) -> Told:
    get_backend("cloudfront")[ACCOUNT]["aws"].key_groups.pop(told["Id"], None)
    return {}


@answers("elasticache.DeleteCacheSubnetGroup")
def _delete_subnets(told: Told) -> Told:
    get_backend("elasticache")[ACCOUNT][REGION].cache_subnet_groups.pop(told["CacheSubnetGroupName"], None)
    return {}
