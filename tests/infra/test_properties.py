"""What holds of every environment: the real ones, and those that chance made inside what the modules accept."""

from __future__ import annotations

import json
import re
from collections import Counter
from fnmatch import fnmatchcase
from ipaddress import IPv4Network
from typing import Any

import pytest

from directfanz.backends.storage.buckets import lifecycle
from directfanz.operate.aws.bill import idle, total
from directfanz.operate.aws.environments import read_environment, read_profile
from directfanz.platform_toml import Platform
from directfanz.settings import Settings
from tests.support.engines import REPOSITORY
from tests.support.infra_cases import FARGATE
from tests.support.planned import Case, key_of
from tests.support.terraform import INFRA

pytestmark = pytest.mark.timeout(900)  # the plan is one test's, and a busy machine takes minutes for it
Cases = dict[str, Case]
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # AWS's own policy
WORLD = {"0.0.0.0/0", "::/0"}


def test_subnets_fit_their_network_and_never_overlap(planned: Cases) -> None:
    for case in planned.values():
        whole = IPv4Network(case.variables["cidr"])
        subnets = [IPv4Network(subnet.values["cidr_block"]) for subnet in case.of("aws_subnet")]
        assert len(subnets) == 3 * len(case.variables["zones"])
        assert all(subnet.subnet_of(whole) for subnet in subnets)
        assert not any(a.overlaps(b) for i, a in enumerate(subnets) for b in subnets[:i])


def test_only_the_edge_comes_in(planned: Cases) -> None:
    """Doors name each other; the only one that names addresses names CloudFront's, and cameras come to their own ports."""
    ingest = json.loads(_variables())["platform"]["ingest"] or {}
    for case in planned.values():
        rules = case.of("aws_vpc_security_group_ingress_rule")
        assert rules
        for rule in rules:
            if ".aws_vpc_security_group_ingress_rule.camera" in rule.address:
                assert rule.values["from_port"] == rule.values["to_port"]
                assert rule.values["from_port"] in ingest.values()
                continue
            assert rule.values.get("cidr_ipv4") is None, rule.address
            assert rule.values.get("cidr_ipv6") is None, rule.address
        assert [r.address.split(".")[-1] for r in rules if r.values.get("prefix_list_id")] == ["edge"]
        assert not any(d.values["publicly_accessible"] for d in case.of("aws_db_instance"))


def test_the_data_tier_has_no_way_out(planned: Cases) -> None:
    for case in planned.values():
        routed = {route.address.rsplit(".", 1)[-1].split("[")[0] for route in case.of("aws_route")}
        assert routed == {"public", "private"}
        walls = case.of("aws_network_acl_rule")
        assert walls
        for wall in walls:
            assert wall.values["cidr_block"] not in WORLD
            assert IPv4Network(wall.values["cidr_block"]).subnet_of(IPv4Network(case.variables["cidr"]))


def test_wall_rules_have_numbers_of_their_own(planned: Cases) -> None:
    for case in planned.values():
        numbers = Counter((r.values["egress"], r.values["rule_number"]) for r in case.of("aws_network_acl_rule"))
        assert max(numbers.values()) == 1


def test_every_bucket_is_private_encrypted_and_tls_only(planned: Cases) -> None:
    for case in planned.values():
        buckets = {bucket.values["bucket"] for bucket in case.of("aws_s3_bucket")}
        blocks = case.of("aws_s3_bucket_public_access_block")
        closed = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
        assert len(blocks) == len(buckets) == len(case.of("aws_s3_bucket_server_side_encryption_configuration"))
        assert all(block.values[name] is True for block in blocks for name in closed)
        tls_only = {
            resource.rsplit(":", 1)[1]
            for _, statement in case.policies()
            if statement.get("Sid") == "TlsOnly" and statement["Effect"] == "Deny"
            for resource in statement["Resource"]
        }
        assert {name for name in tls_only if not name.endswith("/*")} == buckets


def test_no_bucket_policy_lets_everyone_in(planned: Cases) -> None:
    for case in planned.values():
        for address, statement in case.policies():
            if statement["Effect"] == "Allow":
                assert statement.get("Principal") not in ("*", {"AWS": "*"}), address


def test_roles_ask_for_actions_by_name(planned: Cases) -> None:
    """No `*` action outside the key's own policy, and no `*` resource but for what AWS cannot narrow."""
    wide = {"ecr:GetAuthorizationToken", "xray:PutTraceSegments", "xray:PutTelemetryRecords"}
    for case in planned.values():
        for address, statement in case.policies():
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            if statement["Effect"] != "Allow" or "aws_kms_key" in address:
                continue
            assert not any(action.endswith(":*") or action == "*" for action in actions), address
            if statement.get("Resource") == ["*"]:
                narrowed = set(actions) <= wide or "Condition" in statement or "build" in address
                assert narrowed, (address, actions)


def test_every_alarm_is_heard(planned: Cases) -> None:
    for case in planned.values():
        alarms = case.of("aws_cloudwatch_metric_alarm")
        assert len(alarms) > 10
        for alarm in alarms:
            assert alarm.values.get("alarm_actions") or alarm.unknown.get("alarm_actions"), alarm.address
        heard = {key_of(subscription).split()[0] for subscription in case.of("aws_sns_topic_subscription")}
        assert heard == {"page", "warn"}


@pytest.mark.property("P1")
def test_enough_tasks_over_two_zones_in_sizes_that_exist(planned: Cases) -> None:
    for case in planned.values():
        assert len({s.values["availability_zone"] for s in case.of("aws_subnet")}) >= 2
        for task in case.of("aws_ecs_task_definition"):
            assert int(task.values["memory"]) in FARGATE[int(task.values["cpu"])], task.address
        scaled = {t.address: t.values for t in case.of("aws_appautoscaling_target") if "module.service" in t.address}
        least = 1 if case.variables["profile"] == "small" else 2
        for address, values in scaled.items():
            assert values["min_capacity"] <= values["max_capacity"]
            if '"web"' in address or '"realtime"' in address:
                assert values["min_capacity"] >= least, address
        for service in case.of("aws_ecs_service"):
            if service.values["name"] != "pgbouncer":
                target = next(v for a, v in scaled.items() if f'["{service.values["name"]}"]' in a)
                assert service.values["desired_count"] >= target["min_capacity"]


def test_services_have_no_address_of_their_own(planned: Cases) -> None:
    for case in planned.values():
        services = case.of("aws_ecs_service")
        assert len(services) >= 4
        for service in services:
            assert service.values["network_configuration"][0]["assign_public_ip"] is False


def test_production_survives_a_zone_and_a_slip_of_the_hand(planned: Cases) -> None:
    prod = planned["prod"]
    database = next(d for d in prod.of("aws_db_instance") if "primary" in d.address).values
    assert database["multi_az"]
    assert not database.get("manage_master_user_password"), "RDS makes no replica of a database whose password it keeps"
    assert database["deletion_protection"]
    assert database["storage_encrypted"]
    assert database["backup_retention_period"] >= 30
    assert not database["skip_final_snapshot"]
    assert prod.of("aws_lb")[0].values["enable_deletion_protection"]
    assert len(prod.of("aws_nat_gateway")) >= 2
    cache = prod.of("aws_elasticache_replication_group")[0].values
    assert (cache["num_node_groups"], cache["replicas_per_node_group"]) == (3, 1)
    assert cache["transit_encryption_enabled"]
    assert cache["at_rest_encryption_enabled"]
    assert cache["multi_az_enabled"]
    assert prod.of("aws_backup_vault_lock_configuration")


def test_what_is_replicated_goes_to_the_standby(planned: Cases) -> None:
    known = json.loads(_variables())["platform"]["buckets"]
    wanted = {name for name, bucket in known.items() if bucket["replicated"]}
    copied = planned["prod"].of("aws_s3_bucket_replication_configuration")
    assert {key_of(rule) for rule in copied} == wanted
    targets = {rule.values["rule"][0]["destination"][0]["bucket"] for rule in copied}
    there = {f"arn:aws:s3:::{bucket.values['bucket']}" for bucket in planned["dr"].of("aws_s3_bucket")}
    assert targets <= there


def test_the_standby_answers_for_the_same_name(planned: Cases) -> None:
    records = [
        next(
            r for r in planned[name].of("aws_route53_record") if r.address.endswith(".aws_route53_record.origin")
        ).values
        for name in ("prod", "dr")
    ]
    assert records[0]["name"] == records[1]["name"]
    assert [r["failover_routing_policy"][0]["type"] for r in records] == ["PRIMARY", "SECONDARY"]
    assert not planned["dr"].of("aws_cloudfront_distribution")


def test_cameras_come_to_our_own_service_alone(planned: Cases) -> None:
    """A load balancer of their own where platform.toml has ports for them and no service of AWS's takes the streams."""
    ingest = json.loads(_variables())["platform"]["ingest"]
    for case in planned.values():
        balancers = [one for one in case.of("aws_lb") if one.values["load_balancer_type"] == "network"]
        wanted = ingest is not None and case.variables.get("live_backend", "ffmpeg") == "ffmpeg"
        assert len(balancers) == wanted
        if wanted:
            assert ingest
            heard = {one.values["port"] for one in case.of("aws_lb_listener") if ".ingest[0]" in one.address}
            assert heard == {port for port in ingest.values() if port is not None}


def test_what_processes_are_told_is_a_setting_and_of_live_nothing_is_missing() -> None:
    """By the words of the description, for every choice of `live_backend`: each name is one that our processes know."""
    text = (REPOSITORY / "infra/modules/platform/services.tf").read_text()
    told = {name.lower() for name in re.findall(r"DIRECTFANZ_([A-Z0-9_]+?)\s*=", text)}
    known = set(Settings.__struct_fields__)
    assert told <= known, told - known
    wanted = {name for name in known if name.startswith(("live_medialive", "live_ivs", "live_backend"))}
    assert wanted
    assert wanted <= told, wanted - told
    outputs = (REPOSITORY / "infra/modules/live/main.tf").read_text()
    assert all(f'output "{name}"' in outputs for name in re.findall(r"module\.live\.(\w+)", text))


@pytest.mark.property("P2")
def test_a_spike_adds_tasks_within_a_minute_of_its_alarm(planned: Cases) -> None:
    steps = json.loads(_variables())["platform"]["scaling_steps"]
    for case in planned.values():
        policies = [
            one
            for one in case.of("aws_appautoscaling_policy")
            if ".spike" in one.address and 'module.service["' in one.address
        ]
        alarms = [
            one
            for one in case.of("aws_cloudwatch_metric_alarm")
            if ".spike" in one.address and 'module.service["' in one.address
        ]
        assert len(policies) == len(alarms) >= 4
        for policy in policies:
            made = policy.values["step_scaling_policy_configuration"][0]["step_adjustment"]
            assert sorted(one["scaling_adjustment"] for one in made) == sorted(step["add_percent"] for step in steps)
        for alarm in alarms:
            assert (alarm.values["period"], alarm.values["evaluation_periods"]) == (60, 1)


def test_the_bill_stays_under_the_budget(planned: Cases, platform: Platform) -> None:
    """What an environment costs idle at list prices, for the sizes that this very plan was made of."""
    budgets = {str(name): usd for name, usd in platform.budgets.monthly_usd.items()}
    for name in (name for name in ("dev", "staging", "prod") if name in planned):
        environment = read_environment(INFRA, name)
        told = total(idle(platform, environment, read_profile(INFRA, environment.profile)))
        assert told <= budgets[name]
        gateways = planned[name].of("aws_nat_gateway")
        assert len(gateways) == min(planned[name].variables["sizing"]["nat_gateways"], len(environment.zones))


def test_secrets_are_where_the_standby_finds_them(planned: Cases) -> None:
    copied = {
        one.values["name"] for one in planned["prod"].of("aws_secretsmanager_secret") if one.values.get("replica")
    }
    assert copied == {
        f"directfanz-prod/{name}"
        for name in ("inheritance", "stripe-secret-key", "stripe-webhook-secret", "oidc-providers", "sentry-dsn")
    }
    assert not any(one.values.get("replica") for one in planned["dev"].of("aws_secretsmanager_secret"))


@pytest.mark.property("P28")
def test_every_route_has_its_behaviour_and_rule(planned: Cases) -> None:
    routes = json.loads(_variables())["platform"]["routes"]
    for case in planned.values():
        for distribution in case.of("aws_cloudfront_distribution"):
            found = {b["path_pattern"]: b for b in distribution.values["ordered_cache_behavior"]}
            wanted = {f"{path}*" if path.endswith("/") else path for path in routes if path != "/"}
            assert wanted <= set(found)
            for path, route in routes.items():
                if route["bucket"]:
                    assert found[f"{path}*"]["target_origin_id"] == f"bucket-{route['bucket']}"
            patterns = [b["path_pattern"] for b in distribution.values["ordered_cache_behavior"]]
            covered = [
                (p, q) for i, p in enumerate(patterns) for q in patterns[i + 1 :] if fnmatchcase(q.rstrip("*"), p)
            ]
            assert not covered, "an earlier pattern takes what a later one should"


@pytest.mark.property("P12")
def test_the_edge_keeps_what_the_platform_says_and_nothing_private(planned: Cases) -> None:
    told = json.loads(_variables())["platform"]
    kept = {name: policy for name, policy in told["cache_policies"].items() if policy["max_seconds"] > 0}
    for case in planned.values():
        policies = {key_of(one): one.values for one in case.of("aws_cloudfront_cache_policy")}
        if not case.of("aws_cloudfront_distribution"):
            continue
        assert set(policies) == set(kept)
        for name, policy in policies.items():
            assert (policy["default_ttl"], policy["max_ttl"]) == (kept[name]["ttl_seconds"], kept[name]["max_seconds"])
            (key,) = policy["parameters_in_cache_key_and_forwarded_to_origin"]
            cookies, headers = key["cookies_config"][0], key["headers_config"][0]
            assert cookies["cookie_behavior"] == ("none" if kept[name]["shared"] else "all")
            named = {one for several in headers["headers"] for one in several["items"]}
            assert named == (set() if kept[name]["shared"] else {"Authorization", "Host"}), (
                "nobody gets another's answer"
            )
        for path, behaviour in _behaviours(case).items():
            never = kept.keys().isdisjoint({told["routes"][path]["cache"]})
            assert (behaviour[0].get("cache_policy_id") == CACHING_DISABLED) is never, path


@pytest.mark.property("P13")
def test_what_is_signed_opens_with_our_key_alone(planned: Cases) -> None:
    routes = json.loads(_variables())["platform"]["routes"]
    assert any(route["signed"] for route in routes.values())
    for case in planned.values():
        for path, (behaviour, unknown) in _behaviours(case).items():
            if path != "/":  # of the default, a plan leaves open what it does not say
                asks = bool(unknown.get("trusted_key_groups") or behaviour.get("trusted_key_groups"))
                assert asks is routes[path]["signed"], path
            assert not behaviour.get("trusted_signers")
            assert behaviour["viewer_protocol_policy"] in ("redirect-to-https", "https-only"), path
        for group in case.of("aws_cloudfront_key_group"):
            assert group.unknown["items"]


def _behaviours(case: Case) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """By route: what is known of its behaviour, and what AWS will say."""
    found = {}
    for distribution in case.of("aws_cloudfront_distribution"):
        for kind, path_of in (
            ("default_cache_behavior", lambda _: "/"),
            ("ordered_cache_behavior", lambda b: b["path_pattern"]),
        ):
            unknown = distribution.unknown.get(kind) or []
            for number, behaviour in enumerate(distribution.values[kind]):
                path = path_of(behaviour)
                path = path.removesuffix("*") if path.endswith("/*") and path.count("/") > 1 else path
                found[path] = (behaviour, unknown[number] if number < len(unknown) else {})
    return {path.removesuffix("/") if path in ("/ws/", "/whip/") else path: told for path, told in found.items()}


@pytest.mark.property("P14")
def test_buckets_age_as_the_platform_says(planned: Cases, platform: Platform) -> None:
    """The same rules that one machine gives its own store."""
    rules = lifecycle(platform.buckets["media"].lifecycle)
    moved = [(step["Days"], step["StorageClass"]) for rule in rules for step in rule.get("Transitions", [])]
    gone = [
        rule["NoncurrentVersionExpiration"]["NoncurrentDays"] for rule in rules if "NoncurrentVersionExpiration" in rule
    ]
    assert moved
    for case in planned.values():
        media = next(
            made.values["rule"]
            for made in case.of("aws_s3_bucket_lifecycle_configuration")
            if made.address.endswith('.this["media"]')
        )
        steps = [(step["days"], step["storage_class"]) for rule in media for step in rule["transition"]]
        ends = [end["noncurrent_days"] for rule in media for end in rule["noncurrent_version_expiration"]]
        assert (steps, ends) == (moved, gone)


@pytest.mark.property("P7")
def test_a_copy_that_falls_behind_is_noticed(planned: Cases, platform: Platform) -> None:
    """Strangers read copies: each has its alarm, at the age that platform.toml allows, and so has the copy that would take over."""
    told = 0
    for case in planned.values():
        alarms = {
            one.values["dimensions"]["DBInstanceIdentifier"]: one.values
            for one in case.of("aws_cloudwatch_metric_alarm")
            if one.values["metric_name"] == "ReplicaLag"
        }
        copies = {
            one.values["identifier"]
            for one in case.of("aws_db_instance")
            if ".replica" in one.address or case.variables.get("standby_of")
        }
        assert set(alarms) == copies, case.name
        for alarm in alarms.values():
            assert alarm["threshold"] == platform.database.replica_lag_max_seconds
            assert (alarm["statistic"], alarm["period"], alarm["evaluation_periods"]) == ("Maximum", 60, 3)
        answers = "database-replica-url" in {key_of(one) for one in case.of("aws_secretsmanager_secret")}
        assert answers == any(".replica" in one.address for one in case.of("aws_db_instance"))
        told += len(alarms)
    assert told >= 2


def test_no_two_things_are_called_alike(planned: Cases) -> None:
    """AWS refuses the second one, half an hour into an apply."""
    named = ("name", "bucket", "identifier", "alarm_name", "family", "replication_group_id", "function_name")
    kinds = {"aws_iam_role", "aws_s3_bucket", "aws_db_instance", "aws_cloudwatch_metric_alarm", "aws_ecs_task_definition",
             "aws_sns_topic", "aws_lb", "aws_lb_target_group", "aws_secretsmanager_secret", "aws_cloudwatch_log_group",
             "aws_codebuild_project", "aws_ecr_repository", "aws_elasticache_replication_group"}  # fmt: skip
    for case in planned.values():
        for kind in kinds:
            known = Counter(
                next((r.values[key] for key in named if r.values.get(key)), r.address) for r in case.of(kind)
            )
            assert not [name for name, count in known.items() if count > 1], (case.name, kind)


def test_nothing_floats(planned: Cases) -> None:
    """Retired services stay out, whatever `validate` thinks of them."""
    retired = {"aws_media_store_container", "aws_cloudfront_origin_access_identity", "aws_media_package_channel"}
    for case in planned.values():
        assert not {resource.type for resource in case.resources} & retired


def _variables() -> str:
    return (INFRA / "stacks/platform/platform.auto.tfvars.json").read_text()
