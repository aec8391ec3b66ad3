"""From a checkpoint to a bundle: ONNX out of torch, checked against torch before it is written."""
