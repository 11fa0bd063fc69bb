# SPDX-License-Identifier: Apache-2.0
"""infer_server for the peers: runs once, writes the output, says "ready", and runs once more for each line on stdin.

    peer_server.py ncnn|openvino|openvino-bf16|onnxruntime|keras FOLDER IMAGES.npy OUTPUT.npy THREADS

FOLDER holds what compare_peers.py has written. Images are [N, H, W, C], the output is [N, C, H, W]; each peer is given its own order.
"""
import os
import sys
import time

import numpy as np


def ncnn_runner(folder, images, threads):
    """An image at a time: ncnn has no batches."""
    import ncnn
    net = ncnn.Net()
    net.opt.num_threads = threads
    net.opt.use_winograd_convolution = True
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = net.opt.use_bf16_storage = False
    net.load_param(f"{folder}/network.param")
    net.load_model(f"{folder}/network.bin")
    mats = [ncnn.Mat(np.ascontiguousarray(image)).clone() for image in to_nchw(images)]
    first, last = net.input_names()[0], net.output_names()[0]

    def run():
        results = []
        for mat in mats:
            extractor = net.create_extractor()
            extractor.input(first, mat)
            results.append(np.array(extractor.extract(last)[1]))
        return np.stack(results)

    return run, ncnn.__version__


def openvino_runner(folder, images, threads, precision="f32"):
    import openvino
    core = openvino.Core()
    model = core.read_model(f"{folder}/network.onnx")
    images = to_nchw(images)
    model.reshape(list(images.shape))
    compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": threads,
                                                 "NUM_STREAMS": 1})
    request = compiled.create_infer_request()
    return lambda: next(iter(request.infer([images]).values())), openvino.__version__.split("-")[0]


def onnxruntime_runner(folder, images, threads):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_free_dimension_override_by_name("N", len(images))
    # Or its threads would take the others' time in their turns.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    session = onnxruntime.InferenceSession(f"{folder}/network.onnx", options, ["CPUExecutionProvider"])
    name, images = session.get_inputs()[0].name, to_nchw(images)
    return lambda: session.run(None, {name: images})[0], onnxruntime.__version__


def keras_runner(folder, images, threads):
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import pickle

    import keras
    import tensorflow as tf

    import peer_model
    import tensor_file
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    with open(f"{folder}/network.pickle", "rb") as file:
        network = pickle.load(file)
    model = peer_model.keras_model(network, tensor_file.read(f"{folder}/network.safetensors"))
    compiled, images = tf.function(lambda x: model(x, training=False)), tf.constant(images)
    return lambda: np.transpose(compiled(images).numpy(), (0, 3, 1, 2)), f"{keras.__version__} on TensorFlow {tf.__version__}"


def to_nchw(images):
    return np.ascontiguousarray(np.transpose(images, (0, 3, 1, 2)))


RUNNERS = {
    "ncnn": ncnn_runner,
    "openvino": openvino_runner,
    "openvino-bf16": lambda *arguments: openvino_runner(*arguments, precision="bf16"),
    "onnxruntime": onnxruntime_runner,
    "keras": keras_runner,
}


def main():
    kind, folder, images, output, threads = sys.argv[1:]
    sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../parity"))
    run, version = RUNNERS[kind](folder, np.load(images), int(threads))
    np.save(output, run())
    print(f"ready: {version}", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        run()
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main()
