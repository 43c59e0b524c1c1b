"""A robot in Python: grants the upload, pushes frames, gets receipts, makes a map, withdraws, is refused.

Reads what to do as JSON from stdin, writes what happened as JSON to stdout.
"""
import json
import queue
import struct
import sys
import uuid

import grpc
import wire


def field(offset):
    return wire.message("mapveil.v1.PointField")(offset=offset, type=1)


def frame(sequence):
    """A wall of 400 points, as packed x y z of f32."""
    points = b"".join(
        struct.pack("<fff", 2.0, i * 0.1, k * 0.1) for i in range(20) for k in range(20)
    )
    one = wire.message("mapveil.v1.Frame")(sequence=sequence, count=400, data=points)
    one.metadata.add(name="serial_number", value="SN-4711")
    request = wire.message("mapveil.v1.StreamFramesRequest")()
    request.frame.CopyFrom(one)
    return request


def opening():
    request = wire.message("mapveil.v1.StreamFramesRequest")()
    request.open.data_class = 1
    request.open.in_map_frame = True
    layout = request.open.layout
    layout.point_step = 12
    layout.x.CopyFrom(field(0))
    layout.y.CopyFrom(field(4))
    layout.z.CopyFrom(field(8))
    return request


def outcome(receipt):
    which = receipt.WhichOneof("outcome")
    if which == "accepted":
        accepted = receipt.accepted
        return [which, accepted.artefact_id, accepted.sealed_bytes, list(accepted.stripped)]
    refused = getattr(receipt, which)
    _, reason, metadata = wire._parts(refused.status, "")
    return [which, refused.reason, reason, sorted(metadata)]


def push(channel, token, count):
    """Pushes frames one by one and waits for each receipt."""
    outgoing = queue.Queue()
    call = wire.stub(channel, "mapveil.v1.SensorService").StreamFrames(
        iter(outgoing.get, None), metadata=[("authorization", f"Bearer {token}")], timeout=30
    )
    outgoing.put(opening())
    opened = next(call).opened
    receipts = []
    for sequence in range(count):
        outgoing.put(frame(sequence))
        receipt = next(call).receipt
        assert receipt.sequence == sequence
        receipts.append(outcome(receipt))
    outgoing.put(None)
    assert list(call) == []
    return {"in_flight": opened.max_in_flight, "receipts": receipts, "code": call.code().name}


def make_map(channel, token, count):
    """Pushes scans five seconds apart, asks for a release, and ends the stream."""
    outgoing = queue.Queue()
    call = wire.stub(channel, "mapveil.v1.SensorService").StreamFrames(
        iter(outgoing.get, None), metadata=[("authorization", f"Bearer {token}")], timeout=30
    )
    outgoing.put(opening())
    next(call)
    held = []
    for sequence in range(count):
        request = frame(sequence)
        request.frame.stamp_ns = (1_700_000_000 + 5 * sequence) * 1_000_000_000
        outgoing.put(request)
        held.append(next(call).receipt.held.scans)
    request = wire.message("mapveil.v1.StreamFramesRequest")()
    request.release.sequence = 7
    outgoing.put(request)
    released = next(call).released
    artefact = released.artefact
    outgoing.put(None)
    last = [one.released for one in call]
    return {
        "held": held,
        "released": [released.sequence, artefact.level, artefact.scans, artefact.artefact_id],
        "last": [[one.sequence, one.WhichOneof("outcome"), one.nothing.held_back] for one in last],
    }


def main():
    task = json.load(sys.stdin)
    wire.load(task["image"])
    channel = grpc.insecure_channel("unix:" + task["socket"])
    permissions = wire.stub(channel, "mapveil.v1.PermissionService")
    owner = [("authorization", "Bearer " + task["owner"]), ("accept-language", "zh-CN")]
    out = {"before": push(channel, task["sensor"], 1)}
    # The robot's own use of the data is a permission too.
    local = wire.message("mapveil.v1.GrantPermissionRequest")(
        name="permissions/robot-lidar-local",
        affirmative_act="pressed yes",
        request_id=str(uuid.uuid4()),
    )
    permissions.GrantPermission(local, metadata=owner, timeout=10)
    grant = wire.message("mapveil.v1.GrantPermissionRequest")(
        name="permissions/robot-lidar-upload",
        level=4,
        affirmative_act="pressed yes",
        request_id=str(uuid.uuid4()),
    )
    granted = permissions.GrantPermission(grant, metadata=owner, timeout=10)
    repeated = permissions.GrantPermission(grant, metadata=owner, timeout=10)
    out["epoch"] = granted.permission_epoch
    out["repeated"] = repeated.permission_epoch == granted.permission_epoch
    out["granted"] = push(channel, task["sensor"], task["frames"])
    if task["scans"]:
        lower = wire.message("mapveil.v1.GrantPermissionRequest")(
            name=grant.name,
            level=3,
            affirmative_act="pressed maps only",
            request_id=str(uuid.uuid4()),
        )
        permissions.GrantPermission(lower, metadata=owner, timeout=10)
        out["map"] = make_map(channel, task["sensor"], task["scans"])
    if task["withdraw"]:
        withdraw = wire.message("mapveil.v1.WithdrawPermissionRequest")(name=grant.name)
        answer = permissions.WithdrawPermission(withdraw, metadata=owner, timeout=10)
        out["destroyed"] = answer.destroyed_artefacts
        out["after"] = push(channel, task["sensor"], 1)
    try:
        permissions.GrantPermission(
            grant, metadata=[("authorization", "Bearer " + task["sensor"])], timeout=10
        )
    except grpc.RpcError as error:
        out["sensor_grants"] = wire.status_of(error)[:2]
    json.dump(out, sys.stdout)


main()
