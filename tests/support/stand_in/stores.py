"""ElastiCache in clusters, and mail by SES's second API: moto knows of both, and answers the provider wrongly."""

from __future__ import annotations

from uuid import uuid4

from tests.support.stand_in.memory import ACCOUNT, THEN, NotOurs, Told, answers, find, listed, tag, tags, things

_CACHE = f"arn:aws:elasticache:us-east-1:{ACCOUNT}"


@answers("elasticache.CreateCacheParameterGroup")
def _create_parameters(told: Told) -> Told:
    name = told["CacheParameterGroupName"]
    things["parameters"][name] = {**told, "ARN": f"{_CACHE}:parametergroup:{name}", "values": {}}
    tag(things["parameters"][name]["ARN"], told.get("Tags"))
    return {"CacheParameterGroup": things["parameters"][name]}


@answers("elasticache.ModifyCacheParameterGroup")
def _modify_parameters(told: Told) -> Told:
    made = find("parameters", told["CacheParameterGroupName"], "CacheParameterGroupNotFound")
    made["values"].update({p["ParameterName"]: p["ParameterValue"] for p in told["ParameterNameValues"]})
    return {"CacheParameterGroupName": told["CacheParameterGroupName"]}


@answers("elasticache.DescribeCacheParameterGroups")
def _parameter_groups(told: Told) -> Told:
    return {
        "CacheParameterGroups": [find("parameters", told["CacheParameterGroupName"], "CacheParameterGroupNotFound")]
    }


@answers("elasticache.DescribeCacheParameters")
def _parameters(told: Told) -> Told:
    values = find("parameters", told["CacheParameterGroupName"], "CacheParameterGroupNotFound")["values"]
    return {"Parameters": [{"ParameterName": k, "ParameterValue": v, "Source": "user"} for k, v in values.items()]}


@answers("elasticache.DeleteCacheParameterGroup")
def _delete_parameters(told: Told) -> Told:
    things["parameters"].pop(told["CacheParameterGroupName"], None)
    return {}


@answers("elasticache.CreateUserGroup")
def _create_group(told: Told) -> Told:
    arn = f"{_CACHE}:usergroup:{told['UserGroupId']}"
    made = {**told, "ARN": arn, "Status": "active", "ReplicationGroups": []}
    things["user group"][told["UserGroupId"]] = made
    tag(arn, told.get("Tags"))
    return made


@answers("elasticache.DescribeUserGroups")
def _groups(told: Told) -> Told:
    return {"UserGroups": [find("user group", told["UserGroupId"], "UserGroupNotFound")]}


@answers("elasticache.DeleteUserGroup")
def _delete_group(told: Told) -> Told:
    return {**things["user group"].pop(told["UserGroupId"]), "Status": "deleting"}


@answers("elasticache.CreateReplicationGroup")
def _create_cluster(told: Told) -> Told:
    name = told["ReplicationGroupId"]
    shards, copies = told.get("NumNodeGroups") or 1, told.get("ReplicasPerNodeGroup") or 0
    nodes = [f"{name}-{shard:04d}-{node:03d}" for shard in range(1, shards + 1) for node in range(1, copies + 2)]
    made = {
        **told,
        "ARN": f"{_CACHE}:replicationgroup:{name}",
        "Description": told["ReplicationGroupDescription"],
        "Status": "available",
        "MemberClusters": nodes,
        "NodeGroups": [_shard(number, nodes, copies) for number in range(shards)],
        "AutomaticFailover": "enabled" if told.get("AutomaticFailoverEnabled") else "disabled",
        "MultiAZ": "enabled" if told.get("MultiAZEnabled") else "disabled",
        "ConfigurationEndpoint": {
            "Address": f"clustercfg.{name}.use1.cache.amazonaws.com",
            "Port": told.get("Port", 6379),
        },
        "ClusterEnabled": True,
        "ClusterMode": "enabled",
        "DataTiering": "disabled",
        "NetworkType": "ipv4",
        "IpDiscovery": "ipv4",
        "AutoMinorVersionUpgrade": True,
        "AuthTokenEnabled": False,
    }
    things["cache"][name] = made
    tag(made["ARN"], told.get("Tags"))
    return {"ReplicationGroup": made}


def _shard(number: int, nodes: list[str], copies: int) -> Told:
    members = nodes[number * (copies + 1) : (number + 1) * (copies + 1)]
    return {
        "NodeGroupId": f"{number + 1:04d}",
        "Status": "available",
        "NodeGroupMembers": [{"CacheClusterId": node, "CacheNodeId": "0001"} for node in members],
    }


@answers("elasticache.DescribeReplicationGroups")
def _clusters(told: Told) -> Told:
    if name := told.get("ReplicationGroupId"):
        return {"ReplicationGroups": [find("cache", name, "ReplicationGroupNotFoundFault")]}
    return {"ReplicationGroups": list(things["cache"].values())}


@answers("elasticache.DescribeCacheClusters")
def _nodes(told: Told) -> Told:
    asked = told.get("CacheClusterId")
    found = [
        _node(group, name)
        for group in things["cache"].values()
        for name in group["MemberClusters"]
        if asked in (None, name)
    ]
    return {"CacheClusters": found}


def _node(group: Told, name: str) -> Told:
    return {
        "CacheClusterId": name,
        "ARN": f"{_CACHE}:cluster:{name}",
        "CacheNodeType": group["CacheNodeType"],
        "CacheClusterStatus": "available",
        "Engine": group["Engine"],
        "EngineVersion": f"{group['EngineVersion']}.0",
        "NumCacheNodes": 1,
        "PreferredMaintenanceWindow": group["PreferredMaintenanceWindow"],
        "CacheParameterGroup": {"CacheParameterGroupName": group["CacheParameterGroupName"]},
        "CacheSubnetGroupName": group["CacheSubnetGroupName"],
        "SecurityGroups": [{"SecurityGroupId": one, "Status": "active"} for one in group["SecurityGroupIds"]],
        "NotificationConfiguration": {"TopicArn": group.get("NotificationTopicArn"), "TopicStatus": "active"},
        "AtRestEncryptionEnabled": group["AtRestEncryptionEnabled"],
        "TransitEncryptionEnabled": group["TransitEncryptionEnabled"],
        "TransitEncryptionMode": group["TransitEncryptionMode"],
        "AutoMinorVersionUpgrade": True,
        "ReplicationGroupId": group["ReplicationGroupId"],
        "CacheNodes": [{"CacheNodeId": "0001", "CacheNodeStatus": "available"}],
    }


@answers("elasticache.DeleteReplicationGroup")
def _delete_cluster(told: Told) -> Told:
    return {"ReplicationGroup": {**things["cache"].pop(told["ReplicationGroupId"]), "Status": "deleting"}}


@answers("elasticache.CreateServerlessCache")
def _create_serverless(told: Told) -> Told:
    name = told["ServerlessCacheName"]
    place = {"Address": f"{name}.serverless.use1.cache.amazonaws.com", "Port": 6379}
    made = {
        **{key: value for key, value in told.items() if key != "Tags"},
        "ARN": f"{_CACHE}:serverlesscache:{name}",
        "Status": "available",
        "CreateTime": THEN,
        "FullEngineVersion": told.get("MajorEngineVersion"),
        "Endpoint": place,
        "ReaderEndpoint": place,
    }
    things["serverless cache"][name] = made
    tag(made["ARN"], told.get("Tags"))
    return {"ServerlessCache": made}


@answers("elasticache.DescribeServerlessCaches")
def _serverless(told: Told) -> Told:
    return {"ServerlessCaches": [find("serverless cache", told["ServerlessCacheName"], "ServerlessCacheNotFoundFault")]}


@answers("elasticache.DeleteServerlessCache")
def _delete_serverless(told: Told) -> Told:
    return {"ServerlessCache": {**things["serverless cache"].pop(told["ServerlessCacheName"]), "Status": "deleting"}}


@answers("elasticache.ListTagsForResource")
def _cache_tags(told: Told) -> Told:
    if told["ResourceName"] not in tags:
        raise NotOurs
    return {"TagList": listed(told["ResourceName"])}


# --- Mail ---------------------------------------------------------------------------------------------------------------


@answers("sesv2.CreateConfigurationSet")
def _create_set(told: Told) -> Told:
    things["mail set"][told["ConfigurationSetName"]] = {**told, "destinations": []}
    return {}


@answers("sesv2.GetConfigurationSet")
def _get_set(told: Told) -> Told:
    return find("mail set", told["ConfigurationSetName"], "NotFoundException")


@answers("sesv2.DeleteConfigurationSet")
def _delete_set(told: Told) -> Told:
    things["mail set"].pop(told["ConfigurationSetName"], None)
    return {}


@answers("sesv2.CreateConfigurationSetEventDestination")
def _create_destination(told: Told) -> Told:
    made = find("mail set", told["ConfigurationSetName"], "NotFoundException")
    made["destinations"].append({**told["EventDestination"], "Name": told["EventDestinationName"]})
    return {}


@answers("sesv2.GetConfigurationSetEventDestinations")
def _destinations(told: Told) -> Told:
    return {"EventDestinations": find("mail set", told["ConfigurationSetName"], "NotFoundException")["destinations"]}


@answers("sesv2.DeleteConfigurationSetEventDestination")
def _delete_destination(told: Told) -> Told:
    find("mail set", told["ConfigurationSetName"], "NotFoundException")["destinations"].clear()
    return {}


@answers("sesv2.CreateEmailIdentity")
def _create_identity(told: Told) -> Told:
    signing = {
        "SigningEnabled": True,
        "Status": "PENDING",
        "SigningAttributesOrigin": "AWS_SES",
        "NextSigningKeyLength": "RSA_2048_BIT",
        "CurrentSigningKeyLength": "RSA_2048_BIT",
        "Tokens": ["first", "second", "third"],
    }
    made = {
        "IdentityType": "DOMAIN",
        "VerifiedForSendingStatus": False,
        "DkimAttributes": signing,
        "ConfigurationSetName": told.get("ConfigurationSetName"),
    }
    things["identity"][told["EmailIdentity"]] = made
    return made


@answers("sesv2.GetEmailIdentity")
def _get_identity(told: Told) -> Told:
    return find("identity", told["EmailIdentity"], "NotFoundException")


@answers("sesv2.PutEmailIdentityMailFromAttributes")
def _mail_from(told: Told) -> Told:
    made = find("identity", told["EmailIdentity"], "NotFoundException")
    made["MailFromAttributes"] = {
        "MailFromDomain": told.get("MailFromDomain"),
        "MailFromDomainStatus": "PENDING",
        "BehaviorOnMxFailure": told.get("BehaviorOnMxFailure") or "USE_DEFAULT_VALUE",
    }
    return {}


@answers("sesv2.SendEmail")
def _send(told: Told) -> Told:
    """From a domain that was announced here; other senders are moto's to judge."""
    _, _, domain = told.get("FromEmailAddress", "").rstrip(">").rpartition("@")
    if domain not in things["identity"]:
        raise NotOurs
    return {"MessageId": str(uuid4())}


@answers("sesv2.DeleteEmailIdentity")
def _delete_identity(told: Told) -> Told:
    things["identity"].pop(told["EmailIdentity"], None)
    return {}
