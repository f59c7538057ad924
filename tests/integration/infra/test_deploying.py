"""A version takes over service by service, and what fails says so and stops the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.backends import get_backend

from directfanz.errors import ConfigurationError, Rejected, Unavailable
from directfanz.operate.aws.deploy import PATIENCE_SECONDS, POLL_SECONDS, Deployment, app_spec
from directfanz.platform_toml import Platform
from tests.support.recording import Recording, recording_aws

REGION, ACCOUNT, CLUSTER = "us-east-1", "123456789012", "directfanz-prod"
TASKS = ("migrate", "roles", "assets")
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{CLUSTER}"


class Stage:
    """A cluster as Terraform makes it: realtime moves by CodeDeploy, the rest task by task."""

    def __init__(self, platform: Platform, aws: Recording) -> None:
        self.platform = platform
        self.aws = aws
        self.paused = 0.0
        self.verdict = "Succeeded"
        self.rolls = "COMPLETED"
        session = boto3.session.Session(region_name=REGION)
        self.ecs: Any = session.client("ecs", endpoint_url=aws.endpoint)
        self.codedeploy: Any = session.client("codedeploy", endpoint_url=aws.endpoint)
        self.network = self._network(session)

    def _network(self, session: Any) -> dict[str, Any]:
        ec2 = session.client("ec2", endpoint_url=self.aws.endpoint)
        subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        ec2.close()
        return {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": []}}

    def build(self) -> None:
        self.ecs.create_cluster(clusterName=CLUSTER)
        for name in (*self.platform.services, *TASKS):
            containers = [{"name": name, "image": f"{REGISTRY}/app:old", "memory": 512}]
            if name not in TASKS:
                containers.append({"name": "collector", "image": "public.ecr.aws/collector:v1", "memory": 64})
            self.ecs.register_task_definition(
                family=f"{CLUSTER}-{name}",
                containerDefinitions=containers,
                networkMode="awsvpc",
                cpu="256",
                memory="512",
            )
        for name in self.platform.services:
            self._service(name)

    def _service(self, name: str) -> None:
        more: dict[str, Any] = {}
        if name == "realtime":
            group = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/b/1"
            more["deploymentController"] = {"type": "CODE_DEPLOY"}
            more["loadBalancers"] = [{"targetGroupArn": group, "containerName": name, "containerPort": 8110}]
            self.codedeploy.create_application(applicationName=f"{CLUSTER}-{name}", computePlatform="ECS")
            self.codedeploy.create_deployment_group(
                applicationName=f"{CLUSTER}-{name}",
                deploymentGroupName=name,
                serviceRoleArn=f"arn:aws:iam::{ACCOUNT}:role/deployment",
            )
        self.ecs.create_service(
            cluster=CLUSTER,
            serviceName=name,
            taskDefinition=f"{CLUSTER}-{name}",
            desiredCount=1,
            networkConfiguration=self.network,
            **more,
        )

    def pause(self, seconds: float) -> None:
        """Time passes at AWS: it comes to its verdicts, which the simulator never does by itself."""
        self.paused += seconds
        for deployment in get_backend("codedeploy")[ACCOUNT][REGION].deployments.values():
            deployment.status = self.verdict
        for service in get_backend("ecs")[ACCOUNT][REGION].services.values():
            for rollout in service.deployments:
                rollout["rolloutState"] = self.rolls

    def deploy(self, version: str) -> Iterator[str]:
        moving = Deployment(
            self.platform, "prod", boto3.session.Session(region_name=REGION), self.aws.endpoint, self.pause
        )
        try:
            yield from moving.run(version)
        finally:
            moving.close()

    def tasks(self) -> list[Any]:
        return [task for several in get_backend("ecs")[ACCOUNT][REGION].tasks.values() for task in several.values()]

    def images(self, name: str) -> list[str]:
        service = self.ecs.describe_services(cluster=CLUSTER, services=[name])["services"][0]
        told = self.ecs.describe_task_definition(taskDefinition=service["taskDefinition"])
        return [one["image"] for one in told["taskDefinition"]["containerDefinitions"]]

    def close(self) -> None:
        self.ecs.close()
        self.codedeploy.close()


@pytest.fixture
def stage(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with recording_aws() as aws:
        for service in ("ecs", "codedeploy"):
            get_backend(service).reset()
        made = Stage(platform, aws)
        yield made
        made.close()


def test_schema_services_schema_in_this_order(stage: Stage) -> None:
    stage.build()
    told = list(stage.deploy("new1234"))
    ran = [one["command"] for task in stage.tasks() for one in task.overrides.get("containerOverrides", [])]
    assert ran == [["directfanz", "upgrade", "--phase", phase] for phase in ("expand", "contract")]
    families = [task.task_definition_arn.split("/")[1].split(":")[0] for task in stage.tasks()]
    assert families == [f"{CLUSTER}-{name}" for name in ("roles", "migrate", "assets", "migrate")]
    before = ["database", "schema", "assets"]
    assert [line.split(":")[0] for line in told] == [*before, *stage.platform.services, "schema"]
    assert stage.images("worker") == [f"{REGISTRY}/app:new1234", "public.ecr.aws/collector:v1"]
    assert stage.images("web")[0] == f"{REGISTRY}/app:new1234"


def test_green_is_told_to_codedeploy(stage: Stage) -> None:
    stage.build()
    list(stage.deploy("new1234"))
    deployment = next(iter(get_backend("codedeploy")[ACCOUNT][REGION].deployments.values()))
    told = json.loads(deployment.revision["appSpecContent"]["content"])
    target = told["Resources"][0]["TargetService"]["Properties"]
    assert target["LoadBalancerInfo"] == {"ContainerName": "realtime", "ContainerPort": 8110}
    assert f"{CLUSTER}-realtime:2" in target["TaskDefinition"]


def test_what_codedeploy_takes_back_stops_the_rest(stage: Stage) -> None:
    stage.build()
    stage.verdict = "Stopped"
    told: list[str] = []
    with pytest.raises(Rejected, match="realtime went back to the old version"):
        told.extend(stage.deploy("bad1234"))
    assert stage.images("worker")[0] == f"{REGISTRY}/app:old"


def test_a_service_that_does_not_become_healthy_stops_the_rest(stage: Stage) -> None:
    stage.build()
    stage.rolls = "FAILED"
    with pytest.raises(Rejected, match="web did not become healthy"):
        list(stage.deploy("bad1234"))
    assert stage.images("worker")[0] == f"{REGISTRY}/app:old"


def test_what_never_ends_is_given_up(stage: Stage) -> None:
    stage.build()
    stage.verdict = "InProgress"
    with pytest.raises(Unavailable, match="realtime did not end within an hour"):
        list(stage.deploy("slow123"))
    assert stage.paused >= PATIENCE_SECONDS - POLL_SECONDS


def test_an_environment_that_is_not_there_is_told_how_to_make_it(stage: Stage) -> None:
    stage.ecs.create_cluster(clusterName=CLUSTER)
    with pytest.raises(ConfigurationError, match=r"has no service web\. `directfanz aws apply` makes it"):
        list(stage.deploy("new1234"))


def test_the_specification_is_what_ecs_reads() -> None:
    told = json.loads(app_spec("arn:task:2", "web", 8100))
    assert told["Resources"][0]["TargetService"]["Type"] == "AWS::ECS::Service"
