"""Kernels for processors, in C, and for NVIDIA cards, in CUDA."""
