"""A receiver that was written from the contract alone: takes uploads and keeps them in a dict.

Every upload is broken off once in its middle, so that the sidecar has to resume. Prints its port,
then, when stdin ends, what it holds as JSON.
"""
import concurrent.futures
import hashlib
import json
import sys
import threading

import grpc
import wire

lock = threading.Lock()
partial = {}
stored = {}
floors = {}
log = {"breaks": 0, "resumed": 0, "wrong_offset": 0, "floors": 0, "repeated_bytes": 0}


def refuse(context, code, reason, text, metadata=None, retry_ms=None):
    context.set_trailing_metadata(
        wire.refusal_trailers(code, reason, text, metadata or {}, retry_ms)
    )
    context.abort(code, text)


def write(requests, context):
    response = wire.message("mapveil.v1.WriteArtefactResponse")
    first = next(requests, None)
    if first is None:
        refuse(context, grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_MISSING", "Nothing came.")
    name, key = first.name, (first.source, first.data_class)
    with lock:
        done = stored.get(name)
        held = partial.setdefault(name, {"bytes": bytearray(), "broken": False, "key": key})
    if done is None and first.write_offset != len(held["bytes"]):
        log["wrong_offset"] += 1
        refuse(
            context,
            grpc.StatusCode.OUT_OF_RANGE,
            "OFFSET_MISMATCH",
            "Go on from committed_size.",
            {"committed_size": str(len(held["bytes"]))},
        )
    if first.write_offset > 0:
        log["resumed"] += 1
    request = first
    while request is not None:
        if done is not None:
            log["repeated_bytes"] += len(request.data)
        elif request.write_offset == len(held["bytes"]):
            held["bytes"] += request.data
        if request.finish_write:
            return finish(name, held, done, request, context, response)
        if not held["broken"] and len(held["bytes"]) > 0:
            held["broken"] = True
            log["breaks"] += 1
            refuse(
                context, grpc.StatusCode.UNAVAILABLE, "RECEIVER_STOPPING", "Come again.", None, 50
            )
        request = next(requests, None)
    return response(committed_size=len(held["bytes"]), complete=False)


def finish(name, held, done, request, context, response):
    data = bytes(held["bytes"]) if done is None else done
    digest = hashlib.blake2b(data, digest_size=32).digest()
    if len(data) != request.total_size or digest != request.digest:
        partial.pop(name, None)
        refuse(context, grpc.StatusCode.DATA_LOSS, "DIGEST_MISMATCH", "It does not fit.")
    epoch = int.from_bytes(data[186:194], "little")
    if epoch < floors.get(held["key"], 0):
        partial.pop(name, None)
        refuse(context, grpc.StatusCode.FAILED_PRECONDITION, "STALE_EPOCH", "Withdrawn.")
    with lock:
        stored[name] = data
        partial.pop(name, None)
    return response(committed_size=len(data), complete=True)


def query(request, context):
    response = wire.message("mapveil.v1.QueryWriteStatusResponse")
    with lock:
        if request.name in stored:
            return response(committed_size=len(stored[request.name]), complete=True)
        if request.name in partial and len(partial[request.name]["bytes"]) > 0:
            return response(committed_size=len(partial[request.name]["bytes"]))
    refuse(context, grpc.StatusCode.NOT_FOUND, "WRITE_NOT_FOUND", "Nothing of it was received.")


def cancel(request, context):
    with lock:
        partial.pop(request.name, None)
    return wire.message("mapveil.v1.CancelWriteResponse")()


def raise_floor(request, context):
    key = (request.source, request.data_class)
    with lock:
        floors[key] = max(floors.get(key, 0), request.epoch_floor)
        log["floors"] += 1
    return wire.message("mapveil.v1.RaiseEpochFloorResponse")(epoch_floor=floors[key])


def main():
    image, ca, certificate, key = sys.argv[1:5]
    wire.load(image)
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=8))
    methods = {
        "WriteArtefact": write,
        "QueryWriteStatus": query,
        "CancelWrite": cancel,
        "RaiseEpochFloor": raise_floor,
    }
    server.add_generic_rpc_handlers([wire.handler("mapveil.v1.IngestService", methods)])
    pem = [open(path, "rb").read() for path in (ca, certificate, key)]
    credentials = grpc.ssl_server_credentials([(pem[2], pem[1])], pem[0], True)
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    print(port, flush=True)
    for line in sys.stdin:
        print(json.dumps(summary()), flush=True)
    server.stop(0)


def summary():
    digests = {name: hashlib.blake2b(data, digest_size=32).hexdigest() for name, data in stored.items()}
    return dict(log, stored=digests, partial=len(partial))


main()
