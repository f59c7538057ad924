"""What moto lacks of MediaLive and IVS: where an input listens, the keys of IVS, and the streams that come to its channels.

Whoever plays the publisher says so with `on_air.add(...)` of an IVS channel's address; a name or key that is not good finds no door."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from moto.backends import get_backend
from moto.core.exceptions import ServiceException

from tests.support.stand_in.memory import ACCOUNT, THEN, Gone, NotOurs, Told, answers, find, things

REGION = "us-east-1"
on_air: set[str] = set()


class NotBroadcasting(ServiceException):
    code = "ChannelNotBroadcasting"

    def __init__(self) -> None:
        super().__init__("The channel is not broadcasting.")


class Quota(ServiceException):
    code = "ServiceQuotaExceededException"

    def __init__(self) -> None:
        super().__init__("A channel has one stream key.")


def _ours(told: Told) -> Told:
    """Inputs of Terraform are moto's."""
    if told["InputId"] not in things["live input"]:
        known: Any = get_backend("medialive")[ACCOUNT][REGION]._inputs
        raise NotOurs if told["InputId"] in known else Gone("NotFoundException")
    return things["live input"][told["InputId"]]


def _destinations(wanted: list[Told]) -> list[Told]:
    return [
        {"Ip": "192.0.2.1", "Port": "1935", "Url": f"rtmp://192.0.2.1:1935/{each['StreamName']}"} for each in wanted
    ]


@answers("medialive.CreateInput")
def _create_input(told: Told) -> Told:
    if not told.get("RequestId"):
        raise NotOurs
    for made in things["live input"].values():
        if made["RequestId"] == told["RequestId"]:
            return {"Input": made}
    number = str(uuid4().int)[:7]
    made = {
        **told, "Id": number, "Arn": f"arn:aws:medialive:{REGION}:{ACCOUNT}:input:{number}", "State": "DETACHED",
        "Destinations": _destinations(told["Destinations"]), "InputClass": "SINGLE_PIPELINE",
    }  # fmt: skip
    things["live input"][number] = made
    return {"Input": made}


@answers("medialive.UpdateInput")
def _update_input(told: Told) -> Told:
    made = _ours(told)
    made["Destinations"] = _destinations(told["Destinations"])
    return {"Input": made}


@answers("medialive.DeleteInput")
def _delete_input(told: Told) -> Told:
    made = _ours(told)
    channels: Any = get_backend("medialive")[ACCOUNT][REGION]._channels
    held = [channel for channel in channels.values() if channel.state not in ("DELETING", "DELETED")]
    if any(
        each.get("InputId", each.get("inputId")) == made["Id"] for channel in held for each in channel.input_attachments
    ):
        raise _InUse
    del things["live input"][made["Id"]]
    return {}


class _InUse(ServiceException):
    code = "ConflictException"

    def __init__(self) -> None:
        super().__init__("A channel holds this input.")


@answers("medialive.DescribeInput")
def _describe_input(told: Told) -> Told:
    return _ours(told)


@answers("medialive.ListInputs")
def _list_inputs(told: Told) -> Told:
    return {"Inputs": list(things["live input"].values())}


@answers("medialive.DescribeChannel", "medialive.StartChannel", "medialive.StopChannel", "medialive.DeleteChannel")
def _known_channels(told: Told) -> Told:
    """moto falls over one it never made; AWS says that there is none."""
    known = get_backend("medialive")[ACCOUNT][REGION]._channels
    if told["ChannelId"] not in known or known[told["ChannelId"]].state == "DELETED":
        raise Gone("NotFoundException")
    raise NotOurs


# --- IVS ----------------------------------------------------------------------------------------------------------------


def _require_channel(arn: str) -> None:
    channels: Any = get_backend("ivs")[ACCOUNT][REGION].channels
    if not any(channel["arn"] == arn for channel in channels):
        raise Gone("ResourceNotFoundException")


@answers("ivs.CreateChannel")
def _create_channel(told: Told) -> Told:
    """moto's, with the key that came with it kept."""
    backend: Any = get_backend("ivs")[ACCOUNT][REGION]
    channel, key = backend.create_channel(
        told.get("authorized"), told.get("insecureIngest"), told.get("latencyMode"), told.get("name"), told.get("preset"),
        told.get("recordingConfigurationArn"), told.get("tags"), told.get("type"),
    )  # fmt: skip
    things["stream key"][key["arn"]] = key
    return {"channel": channel, "streamKey": key}


@answers("ivs.CreateStreamKey")
def _create_key(told: Told) -> Told:
    _require_channel(told["channelArn"])
    if any(key["channelArn"] == told["channelArn"] for key in things["stream key"].values()):
        raise Quota
    arn = f"arn:aws:ivs:{REGION}:{ACCOUNT}:stream-key/{uuid4().hex[:12]}"
    things["stream key"][arn] = {"arn": arn, "channelArn": told["channelArn"], "value": f"sk_{uuid4().hex}"}
    return {"streamKey": things["stream key"][arn]}


@answers("ivs.ListStreamKeys")
def _list_keys(told: Told) -> Told:
    found = [key for key in things["stream key"].values() if key["channelArn"] == told["channelArn"]]
    return {"streamKeys": [{"arn": key["arn"], "channelArn": key["channelArn"]} for key in found]}


@answers("ivs.DeleteStreamKey")
def _delete_key(told: Told) -> Told:
    find("stream key", told["arn"], "ResourceNotFoundException")
    del things["stream key"][told["arn"]]
    return {}


@answers("ivs.GetStream")
def _get_stream(told: Told) -> Told:
    _require_channel(told["channelArn"])
    if told["channelArn"] not in on_air:
        raise NotBroadcasting
    return {
        "stream": {
            "channelArn": told["channelArn"],
            "state": "LIVE",
            "health": "HEALTHY",
            "viewerCount": 0,
            "startTime": THEN,
        }
    }


@answers("ivs.StopStream")
def _stop_stream(told: Told) -> Told:
    _require_channel(told["channelArn"])
    if told["channelArn"] not in on_air:
        raise NotBroadcasting
    on_air.discard(told["channelArn"])
    return {}


@answers("ivs.DeleteChannel")
def _delete_channel(told: Told) -> Told:
    for arn in [key["arn"] for key in things["stream key"].values() if key["channelArn"] == told["arn"]]:
        del things["stream key"][arn]
    raise NotOurs
