"""A version takes over: roles and schema are as it needs them, what browsers load lies in its bucket beside the old, each service
moves to the new image, the schema sheds what nobody reads any more.

Services behind the load balancer move by CodeDeploy, blue to green, and go back on an alarm; the others are replaced task by task.
What fails stays as it was: the services that moved already run the new version beside the grown schema, which both versions read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from directfanz.errors import ConfigurationError, Rejected, Unavailable
from directfanz.platform_toml import Platform

POLL_SECONDS = 10
PATIENCE_SECONDS = 3600
# What a task definition says of itself, and may not be said when the next one is made.
_OF_AWS = {
    "compatibilities",
    "deregisteredAt",
    "registeredAt",
    "registeredBy",
    "requiresAttributes",
    "revision",
    "status",
    "taskDefinitionArn",
}
T = TypeVar("T")
Pause = Callable[[float], object]


class Deployment:
    """`pause` waits; a test makes time pass instead."""

    def __init__(self, platform: Platform, environment: str, session: Any, endpoint: str | None, pause: Pause) -> None:
        self._ecs: Any = session.client("ecs", endpoint_url=endpoint)
        self._codedeploy: Any = session.client("codedeploy", endpoint_url=endpoint)
        self._services = tuple(platform.services)
        self._cluster = f"{platform.name}-{environment}"
        self._pause = pause

    def close(self) -> None:
        self._ecs.close()
        self._codedeploy.close()

    def run(self, version: str) -> Iterator[str]:
        """Tells each step when it is done."""
        try:
            yield from self._steps(version)
        except (ClientError, BotoCoreError) as error:
            raise Unavailable(f"AWS refused a step: {error}. What is done is done; run it again.") from error

    def _steps(self, version: str) -> Iterator[str]:
        services = self._found()
        network = services[-1]["networkConfiguration"]
        self._run("roles", version, network)
        yield "database: has its roles and extensions"
        self._run("migrate", version, network, "directfanz", "upgrade", "--phase", "expand")
        yield "schema: has what the new version needs"
        self._run("assets", version, network)
        yield "assets: what pages load is in its bucket, beside that of the old version"
        for service in services:
            definition = self._with_image(service["taskDefinition"], version)
            if service.get("deploymentController", {}).get("type") == "CODE_DEPLOY":
                self._shift(service, definition)
            else:
                self._roll(service, definition)
            yield f"{service['serviceName']}: runs {version}"
        self._run("migrate", version, network, "directfanz", "upgrade", "--phase", "contract")
        yield "schema: has nothing that only the old version needed"

    def _found(self) -> list[dict[str, Any]]:
        answer = self._ecs.describe_services(cluster=self._cluster, services=list(self._services))
        found = {service["serviceName"]: service for service in answer["services"]}
        missing = [name for name in self._services if name not in found]
        if missing:
            raise ConfigurationError(f"{self._cluster} has no service {missing[0]}. `directfanz aws apply` makes it.")
        return [found[name] for name in self._services]

    def _with_image(self, definition: str, version: str) -> str:
        known = self._ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"]
        told = {key: value for key, value in known.items() if key not in _OF_AWS}
        told["containerDefinitions"] = [_at(version, one) for one in known["containerDefinitions"]]
        made = self._ecs.register_task_definition(**told)["taskDefinition"]
        return str(made["taskDefinitionArn"])

    def _run(self, name: str, version: str, network: dict[str, Any], *command: str) -> None:
        """One of the tasks that Terraform describes beside the services, to its end."""
        told = [{"name": name, "command": list(command)}] if command else []
        answer = self._ecs.run_task(
            cluster=self._cluster,
            taskDefinition=self._with_image(f"{self._cluster}-{name}", version),
            launchType="FARGATE",
            networkConfiguration=network,
            overrides={"containerOverrides": told},
        )
        if not answer["tasks"]:
            raise Unavailable(f"The task {name} did not start: {answer['failures'][0]['reason']}.")
        task = answer["tasks"][0]["taskArn"]

        def ended() -> dict[str, Any] | None:
            told: dict[str, Any] = self._ecs.describe_tasks(cluster=self._cluster, tasks=[task])["tasks"][0]
            return told if told["lastStatus"] == "STOPPED" else None

        stopped = self._until(ended, f"The task {name}")
        if any(container.get("exitCode") != 0 for container in stopped["containers"]):
            raise Rejected(
                f"The task {name} ({' '.join(command) or 'as described'}) failed; its log is /{self._cluster}/worker, "
                f"stream {name}."
            )

    def _roll(self, service: dict[str, Any], definition: str) -> None:
        name = service["serviceName"]
        self._ecs.update_service(cluster=self._cluster, service=name, taskDefinition=definition)

        def settled() -> str | None:
            told = self._ecs.describe_services(cluster=self._cluster, services=[name])["services"][0]
            if told["taskDefinition"] != definition:
                return "FAILED"  # the circuit breaker has put the old one back
            newest = next(one for one in told["deployments"] if one["status"] == "PRIMARY")
            state = newest.get("rolloutState", "IN_PROGRESS")
            return str(state) if state in ("COMPLETED", "FAILED") else None

        if self._until(settled, name) == "FAILED":
            raise Rejected(f"{name} did not become healthy with the new version and runs the old one again.")

    def _shift(self, service: dict[str, Any], definition: str) -> None:
        name, balancer = service["serviceName"], service["loadBalancers"][0]
        made = self._codedeploy.create_deployment(
            applicationName=f"{self._cluster}-{name}",
            deploymentGroupName=name,
            revision={
                "revisionType": "AppSpecContent",
                "appSpecContent": {
                    "content": app_spec(definition, balancer["containerName"], balancer["containerPort"])
                },
            },
        )["deploymentId"]

        def ended() -> dict[str, Any] | None:
            told: dict[str, Any] = self._codedeploy.get_deployment(deploymentId=made)["deploymentInfo"]
            return told if told["status"] in ("Succeeded", "Failed", "Stopped") else None

        told = self._until(ended, name)
        if told["status"] != "Succeeded":
            why = told.get("errorInformation", {}).get("message", "an alarm or a health check")
            raise Rejected(f"{name} went back to the old version: {why}.")

    def _until(self, look: Callable[[], T | None], what: str) -> T:
        for _ in range(PATIENCE_SECONDS // POLL_SECONDS):
            found = look()
            if found is not None:
                return found
            self._pause(POLL_SECONDS)
        raise Unavailable(f"{what} did not end within an hour. Look at it in the console before anything else.")


def _at(version: str, container: dict[str, Any]) -> dict[str, Any]:
    """Our own image, in the repository `app`; the collector beside it stays as it is."""
    repository, _, _ = container["image"].rpartition(":")
    return {**container, "image": f"{repository}:{version}"} if repository.endswith("/app") else container


def app_spec(definition: str, container: str, port: int) -> str:
    target = {
        "Type": "AWS::ECS::Service",
        "Properties": {
            "TaskDefinition": definition,
            "LoadBalancerInfo": {"ContainerName": container, "ContainerPort": port},
        },
    }
    return json.dumps({"version": 0.0, "Resources": [{"TargetService": target}]})
