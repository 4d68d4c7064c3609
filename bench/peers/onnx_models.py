#!/usr/bin/python3
"""Writes an ONNX model for each shape: onnx_models.py SHAPES.json FOLDER

Input "x" [steps, batch, inputs], and "lengths" [batch] where rows are ragged; output: every step of the last layer.
"""
import json
import os
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

GATES = {"rnn": 1, "gru": 3, "lstm": 4}
draws = numpy.random.default_rng(1)


def weights(name, *axes):
    return numpy_helper.from_array((0.1 * draws.standard_normal(axes)).astype(numpy.float32), name)


def model_of(shape):
    cell, units, directions = shape["cell"], shape["units"], 2 if shape["bidirectional"] else 1
    gates, ragged = GATES[cell], "lengths" in shape
    settings = {"hidden_size": units, "direction": "bidirectional" if directions == 2 else "forward"}
    if cell == "gru":
        settings["linear_before_reset"] = 1
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["steps", "batch", shape["inputs"]])]
    if ragged:
        inputs.append(helper.make_tensor_value_info("lengths", TensorProto.INT32, ["batch"]))
    nodes, constants, x, width = [], [], "x", shape["inputs"]
    for layer in range(shape["layers"]):
        kernel, recurrent, bias = f"kernel{layer}", f"recurrent{layer}", f"bias{layer}"
        constants += [
            weights(kernel, directions, gates * units, width),
            weights(recurrent, directions, gates * units, units),
            weights(bias, directions, 2 * gates * units),
            numpy_helper.from_array(numpy.array([0, 0, directions * units]), f"axes{layer}"),
        ]
        # The node's output is [steps, directions, batch, units]; the next layer wants the directions side by side.
        nodes += [
            helper.make_node(cell.upper(), [x, kernel, recurrent, bias] + (["lengths"] if ragged else []), [f"steps{layer}"], **settings),
            helper.make_node("Transpose", [f"steps{layer}"], [f"turned{layer}"], perm=[0, 2, 1, 3]),
            helper.make_node("Reshape", [f"turned{layer}", f"axes{layer}"], [f"y{layer}"]),
        ]
        x, width = f"y{layer}", directions * units
    output = helper.make_tensor_value_info(x, TensorProto.FLOAT, ["steps", "batch", width])
    model = helper.make_model(helper.make_graph(nodes, shape["name"], inputs, [output], constants), opset_imports=[helper.make_opsetid("", 14)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model


with open(sys.argv[1]) as file:
    for shape in json.load(file):
        onnx.save(model_of(shape), os.path.join(sys.argv[2], shape["name"] + ".onnx"))
