"""Services of which moto has nothing, or too little for the provider."""

from __future__ import annotations

from uuid import uuid4

from tests.support.stand_in.memory import ACCOUNT, THEN, Told, answers, find, listed, tag, tags, things

# --- Tags, each service in its own words --------------------------------------------------------------------------------


@answers(
    "budgets.ListTagsForResource",
    "xray.ListTagsForResource",
    "sesv2.ListTagsForResource",
    "codeconnections.ListTagsForResource",
)
def _tags(told: Told) -> Told:
    arn = told.get("ResourceARN") or told.get("ResourceArn") or told.get("resourceArn") or ""
    return {"ResourceTags": listed(arn), "Tags": listed(arn)}


@answers("application-autoscaling.ListTagsForResource", "access-analyzer.ListTagsForResource", "backup.ListTags")
def _tags_as_map(told: Told) -> Told:
    arn = told.get("ResourceARN") or told.get("resourceArn") or told.get("ResourceArn") or ""
    return {"Tags": tags[arn], "tags": tags[arn]}


@answers("codepipeline.ListTagsForResource")
def _tags_in_small_letters(told: Told) -> Told:
    return {"tags": [{"key": key, "value": value} for key, value in tags[told["resourceArn"]].items()]}


# --- CloudFront: policies and functions -----------------------------------------------------------------------------------


@answers("cloudfront.CreateCachePolicy")
def _create_cache_policy(told: Told) -> Told:
    return _policy("CachePolicy", told)


@answers("cloudfront.CreateResponseHeadersPolicy")
def _create_headers_policy(told: Told) -> Told:
    return _policy("ResponseHeadersPolicy", told)


def _policy(kind: str, told: Told) -> Told:
    made = {"Id": str(uuid4()), "LastModifiedTime": THEN, f"{kind}Config": told[f"{kind}Config"]}
    things[kind][made["Id"]] = made
    return {kind: made, "ETag": "E1", "Location": "https://cloudfront.amazonaws.com/"}


@answers("cloudfront.GetCachePolicy")
def _get_cache_policy(told: Told) -> Told:
    return {"CachePolicy": find("CachePolicy", told["Id"], "NoSuchCachePolicy"), "ETag": "E1"}


@answers("cloudfront.GetResponseHeadersPolicy")
def _get_headers_policy(told: Told) -> Told:
    made = find("ResponseHeadersPolicy", told["Id"], "NoSuchResponseHeadersPolicy")
    return {"ResponseHeadersPolicy": made, "ETag": "E1"}


@answers("cloudfront.DeleteCachePolicy", "cloudfront.DeleteResponseHeadersPolicy")
def _delete_policy(told: Told) -> Told:
    for kind in ("CachePolicy", "ResponseHeadersPolicy"):
        things[kind].pop(told["Id"], None)
    return {}


@answers("cloudfront.PublishFunction")
def _publish(told: Told) -> Told:
    return {"FunctionSummary": {"Name": told["Name"], "Status": "DEPLOYED"}}


# --- Money --------------------------------------------------------------------------------------------------------------


@answers("budgets.DescribeSubscribersForNotification")
def _subscribers(told: Told) -> Told:
    return {"Subscribers": [{"SubscriptionType": "EMAIL", "Address": "operators@directfanz.io"}]}


@answers("ce.CreateAnomalyMonitor")
def _create_monitor(told: Told) -> Told:
    arn = f"arn:aws:ce::{ACCOUNT}:anomalymonitor/{uuid4()}"
    things["monitor"][arn] = {**told["AnomalyMonitor"], "MonitorArn": arn}
    tag(arn, told.get("ResourceTags"))
    return {"MonitorArn": arn}


@answers("ce.GetAnomalyMonitors")
def _get_monitors(told: Told) -> Told:
    return {"AnomalyMonitors": [things["monitor"][arn] for arn in told["MonitorArnList"] if arn in things["monitor"]]}


@answers("ce.CreateAnomalySubscription")
def _create_subscription(told: Told) -> Told:
    arn = f"arn:aws:ce::{ACCOUNT}:anomalysubscription/{uuid4()}"
    things["subscription"][arn] = {**told["AnomalySubscription"], "AccountId": ACCOUNT, "SubscriptionArn": arn}
    tag(arn, told.get("ResourceTags"))
    return {"SubscriptionArn": arn}


@answers("ce.GetAnomalySubscriptions")
def _get_subscriptions(told: Told) -> Told:
    known = things["subscription"]
    return {"AnomalySubscriptions": [known[arn] for arn in told["SubscriptionArnList"] if arn in known]}


@answers("ce.DeleteAnomalyMonitor", "ce.DeleteAnomalySubscription")
def _delete_anomaly(told: Told) -> Told:
    things["monitor"].pop(told.get("MonitorArn", ""), None)
    things["subscription"].pop(told.get("SubscriptionArn", ""), None)
    return {}


@answers("ce.ListTagsForResource")
def _cost_tags(told: Told) -> Told:
    return {"ResourceTags": listed(told["ResourceArn"])}


@answers("ce.UpdateCostAllocationTagsStatus")
def _switch_tags(told: Told) -> Told:
    for entry in told["CostAllocationTagsStatus"]:
        things["cost tag"][entry["TagKey"]] = {**entry, "Type": "UserDefined"}
    return {"Errors": []}


@answers("ce.ListCostAllocationTags")
def _cost_allocation(told: Told) -> Told:
    keys = told.get("TagKeys") or list(things["cost tag"])
    return {"CostAllocationTags": [things["cost tag"][key] for key in keys if key in things["cost tag"]]}


# --- Watching -----------------------------------------------------------------------------------------------------------


@answers("xray.CreateSamplingRule")
def _create_rule(told: Told) -> Told:
    name = told["SamplingRule"]["RuleName"]
    arn = f"arn:aws:xray:us-east-1:{ACCOUNT}:sampling-rule/{name}"
    things["rule"][name] = {"SamplingRule": {**told["SamplingRule"], "RuleARN": arn}, "CreatedAt": THEN}
    tag(arn, told.get("Tags"))
    return {"SamplingRuleRecord": things["rule"][name]}


@answers("xray.GetSamplingRules")
def _get_rules(told: Told) -> Told:
    return {"SamplingRuleRecords": list(things["rule"].values())}


@answers("xray.DeleteSamplingRule")
def _delete_rule(told: Told) -> Told:
    return {"SamplingRuleRecord": things["rule"].pop(told["RuleName"])}


@answers("logs.PutQueryDefinition")
def _put_query(told: Told) -> Told:
    key = told.get("queryDefinitionId") or str(uuid4())
    things["query"][key] = {**told, "queryDefinitionId": key}
    return {"queryDefinitionId": key}


@answers("logs.DescribeQueryDefinitions")
def _queries(told: Told) -> Told:
    return {"queryDefinitions": list(things["query"].values())}


@answers("logs.DeleteQueryDefinition")
def _delete_query(told: Told) -> Told:
    return {"success": things["query"].pop(told["queryDefinitionId"], None) is not None}


@answers("securityhub.UpdateSecurityHubConfiguration")
def _hub(told: Told) -> Told:
    return {}


@answers("securityhub.BatchEnableStandards")
def _enable(told: Told) -> Told:
    for asked in told["StandardsSubscriptionRequests"]:
        arn = f"arn:aws:securityhub:us-east-1:{ACCOUNT}:subscription/{asked['StandardsArn'].split('standards/')[-1]}"
        things["standard"][arn] = {
            "StandardsArn": asked["StandardsArn"],
            "StandardsInput": {},
            "StandardsStatus": "READY",
            "StandardsSubscriptionArn": arn,
        }
    return {"StandardsSubscriptions": list(things["standard"].values())}


@answers("securityhub.GetEnabledStandards")
def _standards(told: Told) -> Told:
    wanted = told.get("StandardsSubscriptionArns") or list(things["standard"])
    return {"StandardsSubscriptions": [things["standard"][arn] for arn in wanted if arn in things["standard"]]}


@answers("securityhub.BatchDisableStandards")
def _disable(told: Told) -> Told:
    return {"StandardsSubscriptions": [things["standard"].pop(arn) for arn in told["StandardsSubscriptionArns"]]}


@answers("access-analyzer.CreateAnalyzer")
def _create_analyzer(told: Told) -> Told:
    name = told["analyzerName"]
    arn = f"arn:aws:access-analyzer:us-east-1:{ACCOUNT}:analyzer/{name}"
    things["analyzer"][name] = {"arn": arn, "name": name, "type": told["type"], "createdAt": THEN, "status": "ACTIVE"}
    tag(arn, told.get("tags"))
    return {"arn": arn}


@answers("access-analyzer.GetAnalyzer")
def _get_analyzer(told: Told) -> Told:
    made = find("analyzer", told["analyzerName"], "ResourceNotFoundException")
    return {"analyzer": {**made, "tags": tags[made["arn"]]}}


@answers("access-analyzer.DeleteAnalyzer")
def _delete_analyzer(told: Told) -> Told:
    things["analyzer"].pop(told["analyzerName"], None)
    return {}


# --- Backups and builds -------------------------------------------------------------------------------------------------


@answers("backup.CreateBackupSelection")
def _create_selection(told: Told) -> Told:
    key = str(uuid4())
    things["selection"][key] = {"BackupSelection": told["BackupSelection"], "BackupPlanId": told["BackupPlanId"]}
    return {"SelectionId": key, "BackupPlanId": told["BackupPlanId"], "CreationDate": THEN}


@answers("backup.GetBackupSelection")
def _get_selection(told: Told) -> Told:
    made = find("selection", told["SelectionId"], "ResourceNotFoundException")
    return {**made, "SelectionId": told["SelectionId"], "CreationDate": THEN}


@answers("backup.DeleteBackupSelection")
def _delete_selection(told: Told) -> Told:
    things["selection"].pop(told["SelectionId"], None)
    return {}


@answers("backup.PutBackupVaultNotifications")
def _put_notifications(told: Told) -> Told:
    things["notifications"][told["BackupVaultName"]] = told
    return {}


@answers("backup.GetBackupVaultNotifications")
def _get_notifications(told: Told) -> Told:
    return find("notifications", told["BackupVaultName"], "ResourceNotFoundException")


@answers("backup.DeleteBackupVaultNotifications")
def _delete_notifications(told: Told) -> Told:
    things["notifications"].pop(told["BackupVaultName"], None)
    return {}


@answers("codeconnections.CreateConnection")
def _connect(told: Told) -> Told:
    arn = f"arn:aws:codeconnections:us-east-1:{ACCOUNT}:connection/{uuid4()}"
    things["connection"][arn] = {
        "ConnectionName": told["ConnectionName"],
        "ConnectionArn": arn,
        "ProviderType": told.get("ProviderType", "GitHub"),
        "OwnerAccountId": ACCOUNT,
        "ConnectionStatus": "PENDING",
    }
    tag(arn, told.get("Tags"))
    return {"ConnectionArn": arn, "Tags": listed(arn)}


@answers("codeconnections.GetConnection")
def _get_connection(told: Told) -> Told:
    return {"Connection": find("connection", told["ConnectionArn"], "ResourceNotFoundException")}


@answers("codeconnections.DeleteConnection")
def _disconnect(told: Told) -> Told:
    things["connection"].pop(told["ConnectionArn"], None)
    return {}


@answers("codepipeline.CreatePipeline")
def _create_pipeline(told: Told) -> Told:
    made = {**told["pipeline"], "version": 1}
    things["pipeline"][made["name"]] = made
    tag(f"arn:aws:codepipeline:us-east-1:{ACCOUNT}:{made['name']}", told.get("tags"))
    return {"pipeline": made}


@answers("codepipeline.GetPipeline")
def _get_pipeline(told: Told) -> Told:
    made = find("pipeline", told["name"], "PipelineNotFoundException")
    arn = f"arn:aws:codepipeline:us-east-1:{ACCOUNT}:{made['name']}"
    return {"pipeline": made, "metadata": {"pipelineArn": arn, "created": THEN, "updated": THEN}}


@answers("codepipeline.DeletePipeline")
def _delete_pipeline(told: Told) -> Told:
    things["pipeline"].pop(told["name"], None)
    return {}
