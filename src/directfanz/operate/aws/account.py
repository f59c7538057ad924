"""The few things that the command itself asks of AWS: who we are, and the keys of media links and of pushes."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from cryptography.hazmat.primitives import serialization

from directfanz.backends.push.contract import PUSH_KEY
from directfanz.backends.secrets.aws import AwsSecrets
from directfanz.backends.secrets.contract import SecretMissing
from directfanz.errors import ConfigurationError, Unavailable
from directfanz.kit.signing import new_key_pair
from directfanz.operate.aws.environments import Environment

MEDIA_KEY = "media-signing-key"
MEDIA_KEY_ID = "media-signing-key-id"


def account_id(region: str, endpoint: str | None) -> str:
    import boto3

    try:
        client: Any = boto3.session.Session().client("sts", region_name=region, endpoint_url=endpoint)
        answer = client.get_caller_identity()
    except (ClientError, BotoCoreError) as error:
        raise Unavailable(f"AWS does not know you ({error}). Sign in, with `aws sso login` or AWS_PROFILE.") from None
    return str(answer["Account"])


def session_for(environment: Environment, platform: str, endpoint: str | None) -> Any:
    """Who is signed in to another account than the environment's takes the role there that its pipeline is given."""
    import boto3

    here = boto3.session.Session(region_name=environment.region)
    if environment.account in (None, account_id(environment.region, endpoint)):
        return here
    role = f"arn:aws:iam::{environment.account}:role/{platform}-{environment.environment}-promotion"
    try:
        client: Any = here.client("sts", endpoint_url=endpoint)
        told = client.assume_role(RoleArn=role, RoleSessionName="pipeline")["Credentials"]
    except (ClientError, BotoCoreError) as error:
        raise Unavailable(f"{role} may not be taken ({error}). docs/aws.md says who may.") from None
    return boto3.session.Session(told["AccessKeyId"], told["SecretAccessKey"], told["SessionToken"], environment.region)


async def media_public_key(prefix: str, region: str, endpoint: str | None, *, made_elsewhere: bool = False) -> str:
    """Made when first asked for. The private half stays in Secrets Manager, where the processes read it."""
    secrets = AwsSecrets(prefix, region, endpoint)
    private = await _kept(secrets, MEDIA_KEY, made_elsewhere)
    await _kept(secrets, PUSH_KEY, made_elsewhere)
    key = serialization.load_pem_private_key(private.encode(), password=None)
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(encoding, form).decode()


async def _kept(secrets: AwsSecrets, name: str, made_elsewhere: bool) -> str:
    try:
        return await secrets.get(name)
    except SecretMissing:
        if made_elsewhere:
            raise ConfigurationError(
                f"The secret {name} of prod is not in this region yet. Apply prod first, with this as its standby_region."
            ) from None
        private = new_key_pair()[0].decode()
        await secrets.put(name, private)
        return private


def copy_to(region: str, standby: str, endpoint: str | None, *names: str) -> None:
    """The same secrets in the region that stands by, kept alike from then on. What is copied already is left alone."""
    import boto3

    client: Any = boto3.session.Session().client("secretsmanager", region_name=region, endpoint_url=endpoint)
    try:
        for name in names:
            there = client.describe_secret(SecretId=name).get("ReplicationStatus") or []
            if not any(copy["Region"] == standby for copy in there):
                client.replicate_secret_to_regions(SecretId=name, AddReplicaRegions=[{"Region": standby}])
    except (ClientError, BotoCoreError) as error:
        raise Unavailable(f"The secrets were not copied to {standby}: {error}. Run the same command again.") from None
    finally:
        client.close()


async def keep_media_key_id(prefix: str, region: str, endpoint: str | None, key_id: str) -> None:
    """CloudFront chooses it; whoever signs a link names it."""
    await AwsSecrets(prefix, region, endpoint).put(MEDIA_KEY_ID, key_id)
