"""Our own kernels for NVIDIA cards: CUDA sources that the card's own compiler library builds when a model is opened.

PyTorch's CUDA wheels carry that library (NVRTC), so no user needs a compiler or CUDA's toolkit. The same sources are
compiled for the processor in the tests and compared there with the plain path, which is also what runs where something
is missing or a kernel's result differs when it is tried at opening. ``LECTERN_NATIVE=off`` chooses the plain path.

=================  ==================================================================================
``project.cu``     y = W · x for one token, W in 4 or 8 bits or bf16: all of decode's products
``mixture.cu``     the router's choice, the residual stream, weights in bf16 for many tokens
``attention.cu``   one token's heads and attention over the KV cache; compiled for one model's sizes
=================  ==================================================================================
"""
