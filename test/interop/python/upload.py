"""Uploads an artefact to a receiver, is cut off on the way, resumes, and downloads it again.

Reads what to do as JSON from stdin, writes what happened as JSON to stdout.
"""
import hashlib
import json
import struct
import sys
import threading
import time

import grpc
import wire

DELETION_KEY = bytes(range(32))
CHUNK = 1024


def channel_of(task):
    with open(task["ca"], "rb") as ca, open(task["key"], "rb") as key, open(task["certificate"], "rb") as chain:
        credentials = grpc.ssl_channel_credentials(ca.read(), key.read(), chain.read())
    return grpc.secure_channel(task["address"], credentials, [("grpc.enable_retries", 0)])


def requests(task, data, begin, end, finish):
    """Messages for data[begin:end]; the first one names the artefact."""
    request = wire.message("mapveil.v1.WriteArtefactRequest")
    offset = begin
    first = True
    while first or offset < end:
        piece = data[offset : min(offset + CHUNK, end)]
        one = request(write_offset=offset, data=piece)
        if first:
            one.name, one.source, one.data_class = task["name"], task["source"], 1
            one.deletion_hash = hashlib.blake2b(DELETION_KEY, digest_size=32).digest()
        offset += len(piece)
        if finish and offset == end:
            one.finish_write = True
            one.total_size = len(data)
            one.digest = hashlib.blake2b(data, digest_size=32).digest()
        first = False
        yield one


def cut_off(task, ingest, data, committed):
    """Sends half of it, and is cancelled as soon as the receiver has some of it on its disk."""
    over = threading.Event()

    def half():
        yield from requests(task, data, 0, len(data) // 2, False)
        over.wait()

    call = ingest.WriteArtefact.future(half(), timeout=20)
    while committed() == 0 and call.running():
        time.sleep(0.02)
    call.cancel()
    over.set()
    return call.code().name


def refused(call):
    try:
        call()
    except grpc.RpcError as error:
        return wire.status_of(error)
    return ("OK", "", {})


def main():
    task = json.load(sys.stdin)
    wire.load(task["image"])
    with open(task["file"], "rb") as file:
        data = file.read()
    out = {"size": len(data), "epoch": struct.unpack_from("<Q", data, 186)[0]}
    channel = channel_of(task)
    ingest = wire.stub(channel, "mapveil.v1.IngestService")
    query = wire.message("mapveil.v1.QueryWriteStatusRequest")(name=task["name"])

    def committed():
        try:
            return ingest.QueryWriteStatus(query, timeout=10).committed_size
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.NOT_FOUND:
                raise
            return 0

    out["unknown"] = refused(lambda: ingest.QueryWriteStatus(query, timeout=10))
    out["cut"] = cut_off(task, ingest, data, committed)
    out["committed"] = committed()

    # A wrong offset is told the right one.
    wrong = requests(task, data, len(data) // 2 + 1, len(data), True)
    out["wrong_offset"] = refused(lambda: ingest.WriteArtefact(wrong, timeout=20))

    # The second attempt goes on from there.
    begin = committed()
    answer = ingest.WriteArtefact(requests(task, data, begin, len(data), True), timeout=20)
    out["resumed_from"] = begin
    out["complete"] = answer.complete and answer.committed_size == len(data)

    # Writing it again succeeds, whatever the offset; with other bytes it does not.
    again = ingest.WriteArtefact(requests(task, data, 0, len(data), True), timeout=20)
    out["again"] = again.complete
    other = data[:-1] + bytes([data[-1] ^ 1])
    out["other"] = refused(
        lambda: ingest.WriteArtefact(requests(task, other, 0, len(data), True), timeout=20)
    )
    out.update(read_back(task, channel, data))
    out["own"] = own_uploads(task, ingest)
    out["floor"] = raise_floor(task, ingest, data, out["epoch"])
    json.dump(out, sys.stdout)


def read_back(task, channel, data):
    artefacts = wire.stub(channel, "mapveil.v1.ArtefactService")
    parent = task["name"].rsplit("/artefacts/", 1)[0]
    listed = artefacts.ListArtefacts(
        wire.message("mapveil.v1.ListArtefactsRequest")(parent=parent), timeout=10
    ).artefacts
    download = wire.message("mapveil.v1.DownloadArtefactRequest")
    whole = artefacts.DownloadArtefact(download(name=task["name"]), timeout=20)
    tail = artefacts.DownloadArtefact(
        download(name=task["name"], read_offset=100, read_limit=50), timeout=20
    )
    return {
        "listed": [one.name for one in listed],
        "digest_listed": listed[0].digest == hashlib.blake2b(data, digest_size=32).digest(),
        "downloaded": b"".join(piece.data for piece in whole) == data,
        "part": b"".join(piece.data for piece in tail) == data[100:150],
        "forbidden": refused(
            lambda: artefacts.GetArtefact(
                wire.message("mapveil.v1.GetArtefactRequest")(
                    name="recipients/0000000000000000/artefacts/none"
                ),
                timeout=10,
            )
        ),
    }


def own_uploads(task, ingest):
    """What the robot that wrote it may ask, and nobody without its key."""
    parent, artefact = task["name"].rsplit("/artefacts/", 1)
    look_up = wire.message("mapveil.v1.LookUpUploadsRequest")
    delete = wire.message("mapveil.v1.DeleteUploadRequest")

    def state(key):
        request = look_up(parent=parent)
        request.uploads.add(artefact=artefact, deletion_key=key)
        upload = ingest.LookUpUploads(request, timeout=10).uploads[0]
        return [upload.state, upload.size]

    wrong = bytes(32)
    return {
        "stranger": state(wrong),
        "refused": refused(
            lambda: ingest.DeleteUpload(delete(name=task["name"], deletion_key=wrong), timeout=10)
        ),
        "stored": state(DELETION_KEY),
        "before": ingest.DeleteUpload(
            delete(name=task["name"], deletion_key=DELETION_KEY), timeout=10
        ).before,
        "deleted": state(DELETION_KEY),
    }


def raise_floor(task, ingest, data, epoch):
    """After the floor was raised above the artefact's epoch, its like is refused."""
    parent, _ = task["name"].rsplit("/artefacts/", 1)
    ingest.RaiseEpochFloor(
        wire.message("mapveil.v1.RaiseEpochFloorRequest")(
            parent=parent, source=task["source"], data_class=1, epoch_floor=epoch + 1
        ),
        timeout=10,
    )
    late = dict(task, name=parent + "/artefacts/comes-too-late")
    return refused(
        lambda: ingest.WriteArtefact(requests(late, data, 0, len(data), True), timeout=20)
    )


main()
